import { contentPopularity } from './content-popularity.ts'
import { contentProfile } from './content-profile.ts'
import { contentStart } from './content-start.ts'
import { creatorPerformance } from './creator-performance.ts'
import { creatorRevenue } from './creator-revenue.ts'
import { hashOf, identity } from './define-view.ts'
import type { FeatureService, FeatureView } from './feature-view.ts'
import { userActivity } from './user-activity.ts'
import { userSubscriptions } from './user-subscriptions.ts'
import { userVisits } from './user-visits.ts'

/** Each model's features; the name is the model's own, where there is one. */
export const featureServices: readonly FeatureService[] = [
  service('engagement', 'What the creator did before, for predicting what a new content will earn.', [
    { view: creatorPerformance },
  ]),
  service(
    'virality',
    "What the creator did before, for predicting whether a content will exceed the creator's own p95.",
    [{ view: creatorPerformance }],
  ),
  service('revenue', 'What the creator did and earned before, for predicting what a new content will earn in money.', [
    { view: creatorPerformance },
    { view: creatorRevenue },
  ]),
  service(
    'creator-revenue',
    'What a creator did and earned before, for foretelling what all contents will earn next.',
    [{ view: creatorRevenue }, { view: creatorPerformance }],
  ),
  service('forecast', 'How a young content began, and what its creator did before, for predicting how it goes on.', [
    { view: contentStart },
    { view: creatorPerformance, only: 'float32' },
  ]),
  service(
    'churn',
    'What a person did in the last four weeks and whom they follow, for foretelling whether and when they are lost.',
    [{ view: userActivity }, { view: userVisits }, { view: userSubscriptions }],
  ),
  service('segments', 'What a person did in the last four weeks, for grouping the audience.', [
    { view: userActivity, only: 'float32' },
  ]),
  service('ranking', 'The person and the content, for ranking one for the other.', [
    { view: userActivity },
    { view: contentProfile },
    { view: contentPopularity },
  ]),
]

interface Part {
  readonly view: FeatureView
  readonly only?: 'float32' | 'category'
}

function service(name: string, description: string, parts: readonly Part[]): FeatureService {
  const fields = parts.flatMap(({ view, only }) =>
    view.fields.filter((field) => only === undefined || field.dtype === only).map((field) => ({ view, field })),
  )
  const schema = fields.map(({ view, field }) => [view.name, view.schemaHash, identity(field)])
  return { name, description, fields, schemaHash: hashOf(schema) }
}
