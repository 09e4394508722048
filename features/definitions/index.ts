import { AppError } from '../../errors.ts'
import { contentPopularity } from './content-popularity.ts'
import { contentProfile } from './content-profile.ts'
import { contentStart } from './content-start.ts'
import { creatorPerformance } from './creator-performance.ts'
import { creatorRevenue } from './creator-revenue.ts'
import { featureServices } from './feature-services.ts'
import type { FeatureService, FeatureView } from './feature-view.ts'
import { userActivity } from './user-activity.ts'
import { userSubscriptions } from './user-subscriptions.ts'
import { userVisits } from './user-visits.ts'

export { featureServices }

export const featureViews: readonly FeatureView[] = [
  userActivity,
  userSubscriptions,
  userVisits,
  contentProfile,
  contentPopularity,
  contentStart,
  creatorPerformance,
  creatorRevenue,
]

/** @throws AppError NOT_FOUND naming the services there are */
export function featureService(name: string): FeatureService {
  const found = featureServices.find((service) => service.name === name)
  if (found === undefined) throw unknown('feature service', name, featureServices)
  return found
}

/** The hash that a model's manifest must name; undefined when there is no such service. */
export const schemaHashOf = (name: string): string | undefined =>
  featureServices.find((service) => service.name === name)?.schemaHash

/** @throws AppError NOT_FOUND naming the views there are */
export function featureView(name: string): FeatureView {
  const found = featureViews.find((view) => view.name === name)
  if (found === undefined) throw unknown('feature view', name, featureViews)
  return found
}

const unknown = (kind: string, name: string, all: readonly { readonly name: string }[]): AppError =>
  new AppError(
    'NOT_FOUND',
    `No ${kind} is called ${JSON.stringify(name)}; there are ${all.map((one) => one.name).join(', ')}.`,
  )
