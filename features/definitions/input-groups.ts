/**
 * Inputs as a person would name them: what is known of a draft by the names of its fields, and the history of its creator by theme.
 * A prediction is explained in these, not in the features that derive from them.
 */
export const inputGroups = {
  title: 'title',
  description: 'description',
  tags: 'tags',
  durationSeconds: 'duration',
  plannedAt: 'posting time',
  platform: 'platform',
  category: 'category',
  language: 'language',
  creatorId: 'who publishes it',
  early: 'first counts',
  'creator.results': 'the creator’s usual results',
  'creator.trend': 'the creator’s trend',
  'creator.activity': 'how often the creator posts',
  'creator.audience': 'the creator’s audience',
} as const

/** A key of `inputGroups`, or the name of a feature that stands for itself. */
export type InputGroup = string

const ofDraft: readonly (readonly [RegExp, keyof typeof inputGroups])[] = [
  [/^title_/, 'title'],
  [/description/, 'description'],
  [/^tags?_/, 'tags'],
  [/duration/, 'durationSeconds'],
  [/^(hour|weekday|is_weekend)/, 'plannedAt'],
  [/^platform$/, 'platform'],
  [/^category$/, 'category'],
  [/^language$/, 'language'],
  [/^creator_id$/, 'creatorId'],
]

const ofStore: readonly (readonly [RegExp, keyof typeof inputGroups])[] = [
  [/^trend_/, 'creator.trend'],
  [/^(log_contents|posts_\w+|days_since_last_post|tenure_days)$/, 'creator.activity'],
  [/^log_(channel_\w+|subscribers)$/, 'creator.audience'],
  [/^(has_history|measured_\d+|(mean|last|sd|median|p95|best|worst)_log_\w+)$/, 'creator.results'],
  [/^(platform|category|country)$/, 'creatorId'],
]

/**
 * The input that a feature derives from; a feature of no group is one by itself.
 *
 * Features of the source `text` are sums over title, description and tags, and belong to all of these at once: they have no group.
 */
export function inputGroupOf(source: 'draft' | 'store' | 'early', feature: string): InputGroup {
  if (source === 'early') return 'early'
  const groups = source === 'draft' ? ofDraft : ofStore
  return groups.find(([pattern]) => pattern.test(feature))?.[1] ?? feature
}

/** How a person calls an input. */
export const inputLabel = (group: InputGroup): string =>
  group in inputGroups ? inputGroups[group as keyof typeof inputGroups] : group.replaceAll('_', ' ')
