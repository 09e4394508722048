import type { Config } from '../config.ts'
import type { Logger } from '../log.ts'
import type { OpenScorer } from '../models/scorer.ts'
import type { Progress } from '../progress.ts'

/** What every pipeline works with. The command line brings `openScorer` along: pipelines do not know serving. */
export interface PipelineContext {
  readonly config: Config
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly openScorer: OpenScorer
  /** Commit and branch of the running code, for the runs' records. */
  readonly git: { readonly gitSha: string | null; readonly gitBranch: string | null }
}
