import type { z } from 'zod'
import { featureService } from '../../features/definitions/index.ts'
import type { Manifest, ModelName, TensorSpec } from '../../models/artifact/manifest.ts'
import { writeArtifact } from '../../models/artifact/write-artifact.ts'
import type { recommenderVocabularySchema } from '../../models/payloads/recommender.ts'
import type { Tensor, Tensors } from '../../models/scorer.ts'
import { makeGolden } from '../../training/export/golden.ts'
import { OnnxGraph } from '../../training/export/onnx-graph.ts'

// Artifacts small enough to work out by hand: real ONNX files for the real runtime, with outputs that follow from one line each.

const float = (shape: number[], data: number[]): Tensor => ({ shape, data: Float32Array.from(data) })
const int = (shape: number[], data: number[]): Tensor => ({ shape, data: Int32Array.from(data) })
const spec = (name: string, dtype: TensorSpec['dtype'], shape: number[]): TensorSpec => ({ name, dtype, shape })

interface Parts {
  readonly model: ModelName
  readonly graph: OnnxGraph
  readonly inputs: TensorSpec[]
  readonly outputs: TensorSpec[]
  readonly golden: { readonly inputs: Tensors; readonly outputs: Tensors }
  readonly arrays?: Readonly<Record<string, Tensor>>
  readonly json?: Readonly<Record<string, unknown>>
  readonly service?: string
}

export interface ArtifactChanges {
  readonly synthetic?: boolean
  /** Stands for a feature service that was changed after training. */
  readonly schemaHash?: string
  /** Added to the first golden output, so that the runtime cannot reproduce it. */
  readonly goldenError?: number
  /** Of engagement: as trained before there were explanations. */
  readonly withoutBackground?: boolean
}

function write(dir: string, parts: Parts, changes: ArtifactChanges): Promise<Manifest> {
  const { model, graph, inputs, outputs, golden, arrays = {}, json = {}, service } = parts
  const batch = makeGolden(golden.inputs, golden.outputs)
  const first = Object.values(batch.outputs)[0]!
  first.data[0]! += changes.goldenError ?? 0
  return writeArtifact(dir, {
    network: graph.build(),
    golden: batch,
    arrays,
    json,
    manifest: {
      model,
      createdAt: '2026-11-01T00:00:00.000Z',
      runId: `run-${model}`,
      seed: 1,
      gitSha: null,
      backend: 'by hand',
      synthetic: changes.synthetic ?? true,
      data: { rows: 10, from: 0, to: 1, split: 'none' },
      config: {},
      featureService:
        service === undefined
          ? null
          : { name: service, schemaHash: changes.schemaHash ?? featureService(service).schemaHash },
      inputs,
      outputs,
      metrics: [
        {
          metric: 'ndcg@10',
          higherIsBetter: true,
          model: { value: 0.2, low: 0.18, high: 0.22 },
          baselines: { popularity: { value: 0.1, low: 0.09, high: 0.11 } },
        },
      ],
    },
  })
}

export interface RecommenderWorld {
  readonly vocabulary: z.infer<typeof recommenderVocabularySchema>
  /** score(user, item) = taste[user]·trait[item]; two numbers each. */
  readonly tastes: readonly (readonly [number, number])[]
  readonly traits: readonly (readonly [number, number])[]
  readonly popular: readonly number[]
  /** Neighbours by item; scores 1, 1/2, 1/3 … */
  readonly similar: readonly (readonly number[])[]
  readonly next: readonly (readonly number[])[]
}

/** recommender: the dot product of a user's taste and an item's trait. */
export function writeRecommender(
  dir: string,
  world: RecommenderWorld,
  changes: ArtifactChanges = {},
): Promise<Manifest> {
  const { vocabulary, tastes, traits } = world
  const graph = new OnnxGraph('recommender')
  const user = graph.input('user', 'int32', [-1])
  const item = graph.input('item', 'int32', [-1])
  const u = graph.constant('u', Float32Array.from(tastes.flat()), [tastes.length, 2])
  const v = graph.constant('v', Float32Array.from(traits.flat()), [traits.length, 2])
  const axes = graph.constant('axes', BigInt64Array.of(1n), [1])
  const product = graph.node('Mul', [graph.node('Gather', [u, user]), graph.node('Gather', [v, item])])
  graph.output('score', graph.node('ReduceSum', [product, axes], { keepdims: 0 }), 'float32', [-1])
  const dot = (a: number, b: number): number => tastes[a]![0] * traits[b]![0] + tastes[a]![1] * traits[b]![1]
  return write(
    dir,
    {
      model: 'recommender',
      graph,
      inputs: [spec('user', 'int32', [-1]), spec('item', 'int32', [-1])],
      outputs: [spec('score', 'float32', [-1])],
      golden: {
        inputs: { user: int([2], [0, 1]), item: int([2], [0, 1]) },
        outputs: { score: float([2], [dot(0, 0), dot(1, 1)]) },
      },
      arrays: {
        popularItems: int([world.popular.length], [...world.popular]),
        popularScores: float(
          [world.popular.length],
          world.popular.map((_, rank) => 100 - rank),
        ),
        ...neighbours('similar', world.similar),
        ...neighbours('next', world.next),
      },
      json: { 'vocabulary.json': vocabulary },
    },
    changes,
  )
}

function neighbours(kind: 'similar' | 'next', lists: readonly (readonly number[])[]): Record<string, Tensor> {
  const k = Math.max(1, ...lists.map((list) => list.length))
  const items = lists.flatMap((list) => Array.from({ length: k }, (_, rank) => list[rank] ?? -1))
  const scores = lists.flatMap((list) =>
    Array.from({ length: k }, (_, rank) => (list[rank] === undefined ? 0 : 1 / (rank + 1))),
  )
  return { [`${kind}Items`]: int([lists.length, k], items), [`${kind}Scores`]: float([lists.length, k], scores) }
}

/**
 * engagement: views_7d = 100·(words in the title) ± 10, or twice the early views ± 10, whatever else is known; explained against titles of
 * one and of five words, with half of that in early views.
 */
export const writeEngagement = (dir: string, changes: ArtifactChanges = {}): Promise<Manifest> =>
  writeOutcomes(
    dir,
    'engagement',
    { name: 'views_7d', unit: 'views', description: 'views in the first seven days' },
    changes,
  )

/** revenue: 100·(words in the title) ± 10 cents in 28 days. */
export const writeRevenue = (dir: string, changes: ArtifactChanges = {}): Promise<Manifest> =>
  writeOutcomes(dir, 'revenue', { name: 'revenue_28d', unit: 'US cents', description: 'revenue of 28 days' }, changes)

function writeOutcomes(
  dir: string,
  model: 'engagement' | 'revenue',
  target: { readonly name: string; readonly unit: string; readonly description: string },
  changes: ArtifactChanges,
): Promise<Manifest> {
  const graph = new OnnxGraph(model)
  const numeric = graph.input('numeric', 'float32', [-1, 3])
  graph.input('categorical', 'int32', [-1, 1])
  const column = (name: string, at: bigint, times: number) => {
    const its = graph.node('Gather', [numeric, graph.constant(`${name}_column`, BigInt64Array.of(at), [1])], {
      axis: 1,
    })
    return graph.node('Mul', [its, graph.constant(name, Float32Array.of(times), [1])])
  }
  const ten = graph.constant('ten', Float32Array.of(10), [1])
  const doubled = column('early', 2n, 2)
  const value = graph.node('Where', [graph.node('IsNaN', [doubled]), column('words', 0n, 100), doubled])
  graph.output('prediction', value, 'float32', [-1, 1])
  graph.output('lower', graph.node('Sub', [value, ten]), 'float32', [-1, 1])
  graph.output('upper', graph.node('Add', [value, ten]), 'float32', [-1, 1])
  return write(
    dir,
    {
      model,
      graph,
      inputs: [spec('numeric', 'float32', [-1, 3]), spec('categorical', 'int32', [-1, 1])],
      outputs: ['prediction', 'lower', 'upper'].map((name) => spec(name, 'float32', [-1, 1])),
      golden: {
        inputs: { numeric: float([1, 3], [3, 7, Number.NaN]), categorical: int([1, 1], [0]) },
        outputs: { prediction: float([1, 1], [300]), lower: float([1, 1], [290]), upper: float([1, 1], [310]) },
      },
      arrays:
        changes.withoutBackground === true
          ? {}
          : background([float([2, 3], [1, 0, 50, 5, 0, 250]), int([2, 1], [1, 1])]),
      json: {
        'features.json': {
          numeric: [draftWords, storeField, earlyViews],
          categorical: [platform],
          targets: [target],
          definition: '',
        },
      },
      service: model,
    },
    changes,
  )
}

/** virality: sigmoid(early views − 5), and 1 minus that to exceed 1000 views; 0.5 without early views; explained against a content with 5 of them. */
export function writeVirality(dir: string, changes: ArtifactChanges = {}): Promise<Manifest> {
  const graph = new OnnxGraph('virality')
  const numeric = graph.input('numeric', 'float32', [-1, 1])
  graph.input('categorical', 'int32', [-1, 1])
  const five = graph.constant('five', Float32Array.of(5), [1])
  const given = graph.node('Where', [graph.node('IsNaN', [numeric]), five, numeric])
  const signs = graph.constant('signs', Float32Array.of(1, -1), [1, 2])
  const logits = graph.node('Mul', [graph.node('Sub', [given, five]), signs])
  graph.output('probability', graph.node('Sigmoid', [logits]), 'float32', [-1, 2])
  return write(
    dir,
    {
      model: 'virality',
      graph,
      inputs: [spec('numeric', 'float32', [-1, 1]), spec('categorical', 'int32', [-1, 1])],
      outputs: [spec('probability', 'float32', [-1, 2])],
      golden: {
        inputs: { numeric: float([1, 1], [5]), categorical: int([1, 1], [0]) },
        outputs: { probability: float([1, 2], [0.5, 0.5]) },
      },
      arrays: background([float([1, 1], [5]), int([1, 1], [1])]),
      json: {
        'features.json': {
          numeric: [earlyViews],
          categorical: [platform],
          targets: [
            { name: 'viral', unit: 'probability', description: 'goes viral' },
            { name: 'above', unit: 'probability', description: 'more than 1,000 views', threshold: 1000 },
          ],
          definition: 'more views in seven days than 95 % of the creator’s own',
        },
      },
      service: 'virality',
    },
    changes,
  )
}

/** forecast: views of 7 and 28 days are twice and three times those so far, ± 10 %. */
export function writeForecast(dir: string, changes: ArtifactChanges = {}): Promise<Manifest> {
  const graph = new OnnxGraph('forecast')
  const numeric = graph.input('numeric', 'float32', [-1, 2])
  graph.input('categorical', 'int32', [-1, 1])
  const column = graph.constant('column', BigInt64Array.of(1n), [1])
  const one = graph.constant('one', Float32Array.of(1), [1])
  const soFar = graph.node('Sub', [graph.node('Exp', [graph.node('Gather', [numeric, column], { axis: 1 })]), one])
  for (const [name, factor] of [
    ['prediction', 1],
    ['lower', 0.9],
    ['upper', 1.1],
  ] as const) {
    const factors = graph.constant(`${name}_factors`, Float32Array.of(2 * factor, 3 * factor), [1, 2])
    graph.output(name, graph.node('Mul', [soFar, factors]), 'float32', [-1, 2])
  }
  const field = (name: string) => ({ name, source: 'store', unit: '', description: name })
  return write(
    dir,
    {
      model: 'forecast',
      graph,
      inputs: [spec('numeric', 'float32', [-1, 2]), spec('categorical', 'int32', [-1, 1])],
      outputs: ['prediction', 'lower', 'upper'].map((name) => spec(name, 'float32', [-1, 2])),
      golden: {
        inputs: { numeric: float([1, 2], [1, Math.log(11)]), categorical: int([1, 1], [0]) },
        outputs: {
          prediction: float([1, 2], [20, 30]),
          lower: float([1, 2], [18, 27]),
          upper: float([1, 2], [22, 33]),
        },
      },
      json: {
        'features.json': {
          numeric: [field('age_days'), field('log_views')],
          categorical: [{ ...platform, source: 'store' }],
          targets: [7, 28].map((days) => ({
            name: `views_${days}d`,
            unit: 'views',
            description: `views of ${days} days`,
          })),
          definition: '',
        },
      },
      service: 'forecast',
    },
    changes,
  )
}

/** churn: hazards of both weeks are 1/(1 + e^(events of the last week)), so .5 for someone without any; two weeks are the horizon of 28 days. */
export function writeChurn(dir: string, changes: ArtifactChanges = {}): Promise<Manifest> {
  const graph = new OnnxGraph('churn')
  const numeric = graph.input('numeric', 'float32', [-1, 1])
  graph.input('categorical', 'int32', [-1, 1])
  const hazard = graph.node('Sigmoid', [graph.node('Neg', [numeric])])
  graph.output('hazard', graph.node('Concat', [hazard, hazard], { axis: 1 }), 'float32', [-1, 2])
  const survival = graph.node('Sub', [graph.constant('one', Float32Array.of(1), [1]), hazard])
  const both = graph.node('Mul', [survival, survival])
  graph.output(
    'probability',
    graph.node('Sub', [graph.constant('all', Float32Array.of(1), [1]), both]),
    'float32',
    [-1, 1],
  )
  return write(
    dir,
    {
      model: 'churn',
      graph,
      inputs: [spec('numeric', 'float32', [-1, 1]), spec('categorical', 'int32', [-1, 1])],
      outputs: [spec('hazard', 'float32', [-1, 2]), spec('probability', 'float32', [-1, 1])],
      golden: {
        inputs: { numeric: float([1, 1], [0]), categorical: int([1, 1], [0]) },
        outputs: { hazard: float([1, 2], [0.5, 0.5]), probability: float([1, 1], [0.75]) },
      },
      arrays: background([float([1, 1], [1]), int([1, 1], [0])]),
      json: {
        'features.json': {
          numeric: [{ name: 'events_7d', source: 'store', unit: 'events', description: 'events of the last week' }],
          categorical: [{ name: 'device', source: 'store', description: 'device', vocabulary: ['', 'mobile'] }],
          targets: [1, 2].map((week) => ({ name: `hazard_week_${week}`, unit: 'probability', description: 'lost' })),
          definition: 'lost is who has not been seen for 28 whole days',
        },
        'churn.json': {
          horizons: [{ days: 28, weeks: 2 }],
          silentDays: 28,
          baseHazards: [0.1, 0.2],
          leftOut: [{ days: 90, reason: 'too short' }],
        },
      },
      service: 'churn',
    },
    changes,
  )
}

/** segments: two, centred at 0 and 100 events of the last week; the distance is along that feature alone. */
export function writeSegments(dir: string, changes: ArtifactChanges = {}): Promise<Manifest> {
  const features = featureService('segments').fields.map(({ field }) => field.name)
  const width = features.length
  const graph = new OnnxGraph('segments')
  const numeric = graph.input('numeric', 'float32', [-1, width])
  const column = graph.constant('column', BigInt64Array.of(BigInt(features.indexOf('events_7d'))), [1])
  const centres = graph.constant('centres', Float32Array.of(0, 100), [1, 2])
  const events = graph.node('Gather', [numeric, column], { axis: 1 })
  graph.output('distance', graph.node('Abs', [graph.node('Sub', [events, centres])]), 'float32', [-1, 2])
  const segment = (id: string, name: string, users: number) => ({
    id,
    name,
    description: `${name}, by hand`,
    users,
    share: users / 10,
    traits: [{ feature: 'events_7d', mean: 1, overall: 2, standardDeviations: -1 }],
  })
  return write(
    dir,
    {
      model: 'segments',
      graph,
      inputs: [spec('numeric', 'float32', [-1, width])],
      outputs: [spec('distance', 'float32', [-1, 2])],
      golden: {
        inputs: { numeric: float([1, width], new Array<number>(width).fill(30)) },
        outputs: { distance: float([1, 2], [30, 70]) },
      },
      json: {
        'segments.json': {
          segments: [segment('quiet', 'quiet viewers', 8), segment('busy', 'busy viewers', 2)],
          features,
        },
      },
      service: 'segments',
    },
    changes,
  )
}

/**
 * posting-time: creator-1's best hour is Monday 00:00 UTC (lift 2), everyone's Sunday 23:00 UTC (lift 3), creator-2's Sunday 02:00 in
 * Berlin (lift 4) and then Sunday 18:00 (lift 1.5); else 1.
 */
export function writePostingTime(dir: string, changes: ArtifactChanges = {}): Promise<Manifest> {
  const lifts = new Float32Array(3 * 168).fill(1)
  lifts[167] = 3
  lifts[168] = 2
  lifts[2 * 168 + 6 * 24 + 2] = 4
  lifts[2 * 168 + 6 * 24 + 18] = 1.5
  const graph = new OnnxGraph('posting-time')
  const creator = graph.input('creator', 'int32', [-1])
  const table = graph.constant('table', lifts, [3, 168])
  const tenth = graph.constant('tenth', Float32Array.of(0.1), [1])
  const lift = graph.node('Gather', [table, creator])
  graph.output('lift', lift, 'float32', [-1, 168])
  graph.output('lower', graph.node('Sub', [lift, tenth]), 'float32', [-1, 168])
  graph.output('upper', graph.node('Add', [lift, tenth]), 'float32', [-1, 168])
  const row = (shift: number): number[] => Array.from(lifts.subarray(168, 2 * 168), (value) => value + shift)
  return write(
    dir,
    {
      model: 'posting-time',
      graph,
      inputs: [spec('creator', 'int32', [-1])],
      outputs: ['lift', 'lower', 'upper'].map((name) => spec(name, 'float32', [-1, 168])),
      golden: {
        inputs: { creator: int([1], [1]) },
        outputs: { lift: float([1, 168], row(0)), lower: float([1, 168], row(-0.1)), upper: float([1, 168], row(0.1)) },
      },
      json: {
        'creators.json': {
          creators: [
            { creatorId: '', platform: '', category: '', timeZone: 'UTC', posts: 100, basis: 'everyone' },
            {
              creatorId: 'creator-1',
              platform: 'youtube',
              category: 'Music',
              timeZone: 'UTC',
              posts: 12,
              basis: 'creator',
            },
            {
              creatorId: 'creator-2',
              platform: 'youtube',
              category: 'Comedy',
              timeZone: 'Europe/Berlin',
              posts: 3,
              basis: 'category',
            },
          ],
        },
      },
    },
    changes,
  )
}

const background = ([numeric, categorical]: readonly [Tensor, Tensor]): Record<string, Tensor> => ({
  backgroundNumeric: numeric,
  backgroundCategorical: categorical,
  backgroundTexts: float([numeric.shape[0]!, 0, 0], []),
})

const earlyViews = {
  name: 'early_views',
  source: 'early',
  unit: 'views',
  description: 'views on the first day',
} as const
const draftWords = { name: 'title_words', source: 'draft', unit: 'words', description: 'words in the title' }
const platform = { name: 'platform', source: 'draft', description: 'where', vocabulary: ['', 'youtube'] }
const storeField = {
  name: featureService('engagement').fields.find(({ field }) => field.dtype === 'float32')!.field.name,
  source: 'store',
  unit: 'any',
  description: 'a feature of the creator',
}
