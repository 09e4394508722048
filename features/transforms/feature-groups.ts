/** Where a model finds a field: the feature store, the draft, the counts of a content's first days, or the draft's words. */
export type FeatureSource = 'store' | 'draft' | 'early' | 'text'

/** Features that a person names as one: derived features stand in for each other, so they are judged and explained together. */
export interface FeatureGroup {
  /** Stable; in kebab case, where the group is more than one field. */
  readonly name: string
  /** As it stands in a sentence, e.g. `posting time`. */
  readonly label: string
}

const quantities = ['views', 'likes', 'comments', 'shares', 'reactions'] as const
const mainQuantities = ['views', 'reactions'] as const
const ofMain = (...prefixes: readonly [before: string, after: string][]): readonly string[] =>
  mainQuantities.flatMap((quantity) => prefixes.map(([before, after]) => `${before}_log_${quantity}${after}`))

/** Every field of the draft and of the views that models read, by name; a name that two of them share means the same. */
const fieldsOfGroups: readonly (FeatureGroup & { readonly fields: readonly string[] })[] = [
  {
    name: 'title',
    label: 'form of the title',
    fields: [
      'title_length',
      'title_words',
      'title_upper_share',
      'title_digits',
      'title_questions',
      'title_exclamations',
      'title_emoji',
      'title_has_separator',
    ],
  },
  {
    name: 'description',
    label: 'form of the description',
    fields: ['log_description_length', 'description_links'],
  },
  { name: 'tags', label: 'number and length of tags', fields: ['tag_count', 'tags_length'] },
  { name: 'duration', label: 'duration', fields: ['log_duration'] },
  {
    name: 'posting-time',
    label: 'posting time',
    fields: [
      'local_hour_sin',
      'local_hour_cos',
      'local_week_sin',
      'local_week_cos',
      'local_weekend',
      'local_hour',
      'local_weekday',
      'utc_day_left',
    ],
  },
  { name: 'platform', label: 'platform', fields: ['platform'] },
  { name: 'category', label: 'category', fields: ['category'] },
  { name: 'language', label: 'language', fields: ['language'] },
  { name: 'country', label: 'country', fields: ['country'] },
  { name: 'creator', label: 'creator’s identity', fields: ['creator_id'] },
  {
    name: 'typical-result',
    label: 'creator’s typical result',
    fields: [
      'has_history',
      'measured_60',
      ...quantities.flatMap((quantity) => [5, 20, 60].map((depth) => `mean_log_${quantity}_${depth}`)),
      ...ofMain(['last', ''], ['median', '_60'], ['p95', '_60'], ['best', '_60'], ['worst', '_60']),
      ...ofMain(['sd', '_20'], ['sd', '_60']),
      ...ofMain(['decayed', '_2'], ['decayed', '_7'], ['decayed', '_14d'], ['decayed', '_60d']),
    ],
  },
  {
    name: 'reaction-rates',
    label: 'how the creator’s audience reacts',
    fields: ['log_likes_per_view_20', 'log_comments_per_view_20', 'log_comments_per_like_20'],
  },
  { name: 'trend', label: 'creator’s trend', fields: ofMain(['trend', '']) },
  {
    name: 'posting-frequency',
    label: 'posting frequency',
    fields: ['log_contents', 'posts_7d', 'posts_28d', 'posts_90d', 'days_since_last_post'],
  },
  { name: 'tenure', label: 'time since joining', fields: ['tenure_days'] },
  {
    name: 'audience',
    label: 'size of the audience',
    fields: ['log_channel_views_7d', 'log_channel_views_28d', 'log_channel_reactions_28d', 'log_subscribers'],
  },
  {
    name: 'revenue',
    label: 'creator’s revenue',
    fields: [
      'log_revenue_7d',
      'log_revenue_28d',
      'log_revenue_prior_28d',
      'log_ad_revenue_28d',
      'log_ad_revenue_90d',
      'log_sponsorship_90d',
      'ad_revenue_per_mille_90d',
      'earning_contents_90d',
      'sponsored_contents_90d',
      'sponsored_share_90d',
    ],
  },
  { name: 'content-age', label: 'age of the content', fields: ['age_days', 'counted_days'] },
  {
    name: 'first-counts',
    label: 'first counts',
    fields: ['log_views', 'log_likes', 'log_comments', 'log_shares', 'log_saves', 'log_last_views', 'log_last_likes'],
  },
  {
    name: 'activity',
    label: 'how much the person watches',
    fields: [
      'events_7d',
      'events_28d',
      'active_days_28d',
      'watch_seconds_7d',
      'watch_seconds_28d',
      'distinct_contents_28d',
      'distinct_creators_28d',
      'events_per_active_day_28d',
    ],
  },
  {
    name: 'visits',
    label: 'rhythm of the person’s visits',
    fields: ['active_days', 'active_span_days', 'mean_gap_days', 'longest_gap_days', 'silence_in_gaps'],
  },
  {
    name: 'following',
    label: 'whom the person follows',
    fields: ['subscriptions', 'subscribed_28d', 'unsubscribed_7d', 'unsubscribed_28d', 'oldest_subscription_days'],
  },
  {
    name: 'reactions',
    label: 'how the person reacts',
    fields: [
      'positives_7d',
      'positives_28d',
      'skips_28d',
      'mean_completion_28d',
      'like_share_28d',
      'comment_share_28d',
      'share_share_28d',
      'save_share_28d',
    ],
  },
  {
    name: 'hours',
    label: 'when the person watches',
    fields: ['evening_share_28d', 'night_share_28d', 'weekend_share_28d'],
  },
  { name: 'recency', label: 'time since the last visit', fields: ['recency_days'] },
  { name: 'age', label: 'age band', fields: ['age_band'] },
  { name: 'device', label: 'device', fields: ['device'] },
]

const groupOfField: ReadonlyMap<string, FeatureGroup> = new Map(
  fieldsOfGroups.flatMap(({ name, label, fields }) => fields.map((field) => [field, { name, label }])),
)

/** How a person calls a group, or a field that is one by itself. */
export const groupLabel = (name: string): string =>
  fieldsOfGroups.find((group) => group.name === name)?.label ?? name.replaceAll('_', ' ')

/** Fields whose source says all: the words behind a text column have no names, and each data set counts what it has. */
const groupOfSource: Partial<Record<FeatureSource, FeatureGroup>> = {
  early: { name: 'first-counts', label: 'first counts' },
  text: { name: 'words', label: 'words of the texts' },
}

/**
 * The group of a model's field. A field that no group names, as one that a model of another version reads, is a group of its own.
 *
 * @param field  name of the field, as the payload declares it
 */
export function featureGroup(field: string, source: FeatureSource): FeatureGroup {
  return groupOfSource[source] ?? groupOfField.get(field) ?? { name: field, label: field.replaceAll('_', ' ') }
}
