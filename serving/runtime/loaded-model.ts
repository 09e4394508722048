import type { Draft } from '../../features/transforms/draft-features.ts'
import type { Manifest, ModelName } from '../../models/artifact/manifest.ts'
import type { Churn } from '../../models/payloads/churn.ts'
import type { PostingTime } from '../../models/payloads/posting-time.ts'
import type { RecommenderVocabulary } from '../../models/payloads/recommender.ts'
import type { Segments } from '../../models/payloads/segments.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer } from '../../models/scorer.ts'
import type { GroupedColumns } from './grouped-columns.ts'
import type { InputColumns } from './input-columns.ts'

/** Rows of `k` neighbours, best first; −1 pads. */
export interface NeighbourLists {
  readonly k: number
  readonly items: Int32Array
  readonly scores: Float32Array
}

/** What serving keeps in memory beside the network, by model. */
export interface Payloads {
  readonly recommender: {
    readonly vocabulary: RecommenderVocabulary
    readonly userIndex: ReadonlyMap<string, number>
    readonly itemIndex: ReadonlyMap<string, number>
    /** Items of a history that the network reads; undefined where it knows users by their index instead. */
    readonly historyLength: number | undefined
    /** Best first. */
    readonly popularItems: Int32Array
    readonly popularScores: Float32Array
    readonly similar: NeighbourLists
    readonly next: NeighbourLists
  }
  readonly engagement: TabularPayload
  readonly virality: TabularPayload
  readonly revenue: TabularPayload
  readonly 'creator-revenue': TabularPayload
  readonly forecast: TabularPayload
  readonly churn: TabularPayload & Churn
  readonly segments: Segments
  readonly 'posting-time': {
    readonly creators: PostingTime['creators']
    /** Row of the network by `creatorId`, and by `creatorId`, tab, `platform`. */
    readonly rowOf: ReadonlyMap<string, number>
  }
}

export interface TabularPayload extends TabularFeatures {
  readonly columns: InputColumns
  readonly grouped: GroupedColumns
  /** Per categorical field: index in its vocabulary by value. */
  readonly vocabularyIndex: readonly ReadonlyMap<string, number>[]
  /** Numbers of the drafts' texts, `[n, W]` by the columns of the source `text`; undefined where the model reads none. */
  readonly encodeTexts: ((drafts: readonly Draft[]) => Float32Array) | undefined
  /** What predictions are explained against; undefined in artifacts of before there was one. */
  readonly background: TabularBackground | undefined
}

/** Contents that a prediction is held against: B rows of the network's inputs. */
export interface TabularBackground {
  readonly rowCount: number
  /** `[B, F]` */
  readonly numeric: Float32Array
  /** `[B, C]` */
  readonly categorical: Int32Array
  /** `[B, text fields, W]`: what each text alone adds to the columns of the source `text`. */
  readonly texts: Float32Array
}

/** A champion in memory: verified, warm, ready to answer. */
export interface LoadedModel<M extends ModelName = ModelName> {
  readonly name: M
  readonly version: number
  readonly manifest: Manifest
  readonly payload: Payloads[M]
  readonly scorer: Scorer
}

/** How an answer names the model that made it. */
export interface ModelReference {
  readonly name: string
  readonly version: number
}

export const referenceOf = (model: LoadedModel): ModelReference => ({ name: model.name, version: model.version })
