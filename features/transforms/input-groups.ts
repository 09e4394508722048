import { featureGroup, groupLabel } from './feature-groups.ts'

/** Inputs of a draft by the names of its fields, where a feature group has another name or another label. */
const draftFields: Readonly<Record<string, readonly [field: string, label: string]>> = {
  title: ['title', 'title'],
  description: ['description', 'description'],
  tags: ['tags', 'tags'],
  duration: ['durationSeconds', 'duration'],
  'posting-time': ['plannedAt', 'posting time'],
  creator: ['creatorId', 'who publishes it'],
  'first-counts': ['early', 'first counts'],
}
const labels = new Map(Object.values(draftFields))

/** What a creator is, as against what the creator did: where a draft is explained, it goes with the id. */
const ofCreator = ['platform', 'category', 'country']

/** A field of a draft, or a group of features. */
export type InputGroup = string

/**
 * The input, as a person would name it, that a feature derives from: a prediction is explained in these.
 *
 * @param ofDraft whether the model reads drafts, so that what the store knows is known of their creators
 *
 * Features of the source `text` are sums over title, description and tags, and belong to all of these at once: they have no group.
 */
export function inputGroupOf(source: 'draft' | 'store' | 'early', feature: string, ofDraft = true): InputGroup {
  if (ofDraft && source === 'store' && ofCreator.includes(feature)) return 'creatorId'
  const { name } = featureGroup(feature, source)
  return (ofDraft ? draftFields[name]?.[0] : undefined) ?? name
}

/** How a person calls an input. */
export const inputLabel = (group: InputGroup): string => labels.get(group) ?? groupLabel(group)
