import type { EventIntake } from '../events/event-intake.ts'
import type { LiveCatalogue } from '../recommend/live-catalogue.ts'
import type { Recommender } from '../recommend/recommend.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { ModelOverviewReader } from '../runtime/model-overview.ts'
import type { ModelStore } from '../runtime/model-store.ts'

/** What the routes answer from. */
export interface ServiceContext {
  readonly models: ModelStore
  readonly overview: ModelOverviewReader
  readonly store: GuardedStore
  readonly live: LiveCatalogue
  readonly recommender: Recommender
  readonly intake: EventIntake
  /** Seconds since 1970, UTC. */
  readonly clock: () => number
  /** `starting` until models and catalogue are loaded, `draining` from the first signal to stop. */
  readonly phase: () => 'starting' | 'serving' | 'draining'
}
