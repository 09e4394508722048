import type { z } from 'zod'
import type { Logger } from '../../log.ts'
import type { Progress } from '../../progress.ts'
import type { TfBackendName } from '../backend/select-backend.ts'
import type { Recommender } from '../classical/recommender.ts'
import type { Interactions, ItemIndex, UserIndex } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import type { CatalogueScores } from '../export/catalogue-scores.ts'

/** What is known of the items themselves, by item index. */
export interface ItemContent {
  /** `[items]`: title, description and tags in one text; '' where nothing is known. */
  readonly texts: readonly string[]
  /** By name of the field, `[items]`: values separated by '|'; '' where unknown. */
  readonly categories: Readonly<Record<string, readonly string[]>>
  /** By name of the field, `[items]`; NaN where unknown. */
  readonly numbers: Readonly<Record<string, Float32Array>>
}

/** What a recommender learns from. */
export interface RecommenderDataset {
  readonly interactions: Interactions
  /** What epochs are chosen by; never learned from. */
  readonly validation?: HeldOut
  readonly content?: ItemContent
}

/** The world around a fit: chance, where it says how far it is, and when it must stop. */
export interface FitEnvironment {
  readonly seed: number
  readonly signal: AbortSignal
  readonly log: Logger
  readonly progress: Progress
  /** What progress lines call this fit. */
  readonly label: string
  /** TF.js backend (`TFJS_BACKEND`); families without TF.js do not read it. */
  readonly backend: TfBackendName | 'auto'
  /** Figures of an epoch, e.g. `train/loss`. */
  readonly onEpoch?: (epoch: number, figures: Readonly<Record<string, number>>) => void
  /** File that keeps the state after each epoch; no checkpoints when absent. */
  readonly checkpointFile?: string
  /** Whether to go on from `checkpointFile`; where there is none, training starts afresh. */
  readonly resume?: boolean
}

/** The user of whom only a history is known: everything that is asked for this index is answered from the history alone. */
export const unknownUser: UserIndex = -1

/** Items with their scores, best first. */
export interface RankedItems {
  readonly items: Int32Array
  readonly scores: Float32Array
}

/** What a service needs of a fitted recommender: a graph that scores candidates; its inputs as in models/payloads/recommender.ts. */
export interface ServingNetwork {
  readonly onnx: Uint8Array
  /** Items of a history that the graph reads; undefined where it takes users of the training data instead. */
  readonly historyLength: number | undefined
  /**
   * What the graph computes, by the trainer's own arithmetic.
   *
   * @param scores `[items]`, overwritten
   */
  readonly score: Recommender['score']
  /** Its scores of the whole catalogue, as a piece for the graph of another model; only of networks over histories. */
  readonly catalogue?: CatalogueScores
}

/** A recommender that has learned: orders the catalogue for a user or a history, finds what is alike, and can be kept. */
export interface FittedRecommender extends Recommender {
  /**
   * As `Recommender.score`; `unknownUser` is answered from the history alone (fold-in), where `foldsIn`. Otherwise, and for an empty
   * history, from what everyone likes.
   */
  score(user: UserIndex, history: Int32Array, scores: Float32Array): void
  /** Whether the history given to `score` counts, so that a new visitor gets personal results without retraining. */
  readonly foldsIn: boolean
  /**
   * `score` for many users at once, where that is faster.
   *
   * @param users     `[n]`
   * @param histories `[n]`
   * @param scores    `[n, items]` row-major, overwritten
   */
  scoreMany?(users: Int32Array, histories: readonly Int32Array[], scores: Float32Array): Promise<void>
  /** At most k items most like this one, itself not among them; ties by the lower index. */
  similar(item: ItemIndex, k: number): RankedItems
  /** Settings that the fit chose on the validation part, for the refit with it: e.g. `{ epochs: 7 }`. */
  readonly chosen: Readonly<Record<string, unknown>>
  save(): SavedRecommender
  /** The form in which it is served; a family without one is measured, but cannot become champion. */
  serving?(): ServingNetwork
  /** Gives back tensors and workers; the recommender answers nothing after it. */
  close(): void
}

/** A fitted recommender as values: what goes to disk, and what `load` takes. */
export interface SavedRecommender {
  /** Scalars and settings; must survive JSON. */
  readonly json: Readonly<Record<string, unknown>>
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array | Int32Array | Uint8Array>>
}

/** The values among which a search looks for one setting. */
export type SearchRange =
  | { readonly from: number; readonly to: number; readonly scale: 'linear' | 'log'; readonly integer?: true }
  | { readonly values: readonly (number | string | boolean | null)[] }

/** How large a fit is going to be. */
export interface DatasetSize {
  readonly users: number
  readonly items: number
  readonly interactions: number
}

/** One kind of recommender: how it is set up, fitted and loaded. One file, one family, one name. */
export interface RecommenderFamily<C = unknown> {
  readonly name: string
  /** One line for people: how it works, and its source. */
  readonly description: string
  /** Whether the order of a history matters to it. */
  readonly orderAware: boolean
  /** Whether `fit` chooses something on the validation part, e.g. epochs; it is then fitted again, with what it chose and that part. */
  readonly choosesOnValidation?: true
  /** Every option with its range and a default that is good without a search. */
  readonly config: z.ZodType<C>
  /** What a search may vary; options not named keep their default. */
  readonly searchSpace: Readonly<Partial<Record<Extract<keyof C, string>, SearchRange>>>
  /** Bytes that a fit holds at its peak, the data apart; an estimate, rather high than low. */
  estimateBytes(size: DatasetSize, config: C): number
  /**
   * @throws AppError CANCELLED soon after the signal
   * @throws AppError DATA_INSUFFICIENT | CONFIG_INVALID
   */
  fit(dataset: RecommenderDataset, config: C, environment: FitEnvironment): Promise<FittedRecommender>
  /** @param size of the data that it was fitted on */
  load(saved: SavedRecommender, size: DatasetSize): Promise<FittedRecommender>
}
