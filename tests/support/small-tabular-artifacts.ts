import { featureService } from '../../features/definitions/index.ts'
import type { Manifest } from '../../models/artifact/manifest.ts'
import type { Tensor } from '../../models/scorer.ts'
import { OnnxGraph } from '../../training/export/onnx-graph.ts'
import { type ArtifactChanges, float, int, spec, writeSmall } from './small-artifact.ts'

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
  return writeSmall(
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
  return writeSmall(
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
            { name: 'viral', unit: 'probability', description: 'goes viral', baseRate: 0.25 },
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
export const writeForecast = (dir: string, changes: ArtifactChanges = {}): Promise<Manifest> =>
  writeMultiples(
    dir,
    {
      model: 'forecast',
      fields: ['age_days', 'log_views'],
      multiples: { views_7d: 2, views_28d: 3 },
      unit: 'views',
      arrays: {},
    },
    changes,
  )

/** creator-revenue: of 28 days what was earned in the 28 before, of 7 a quarter of it, ± 10 %; explained against a creator with a dollar. */
export const writeCreatorRevenue = (dir: string, changes: ArtifactChanges = {}): Promise<Manifest> =>
  writeMultiples(
    dir,
    {
      model: 'creator-revenue',
      fields: ['earning_contents_90d', 'log_revenue_28d'],
      multiples: { revenue_28d: 1, revenue_7d: 0.25 },
      unit: 'US cents',
      arrays: background([float([1, 2], [1, Math.log(101)]), int([1, 1], [0])]),
    },
    changes,
  )

/** Targets that are multiples of e^(second field) − 1. */
function writeMultiples(
  dir: string,
  its: {
    readonly model: 'forecast' | 'creator-revenue'
    readonly fields: readonly [string, string]
    readonly multiples: Readonly<Record<string, number>>
    readonly unit: string
    readonly arrays: Readonly<Record<string, Tensor>>
  },
  changes: ArtifactChanges,
): Promise<Manifest> {
  const { model, unit, arrays } = its
  const multiples = Object.values(its.multiples)
  const width = multiples.length
  const graph = new OnnxGraph(model)
  const numeric = graph.input('numeric', 'float32', [-1, 2])
  graph.input('categorical', 'int32', [-1, 1])
  const column = graph.constant('column', BigInt64Array.of(1n), [1])
  const one = graph.constant('one', Float32Array.of(1), [1])
  const soFar = graph.node('Sub', [graph.node('Exp', [graph.node('Gather', [numeric, column], { axis: 1 })]), one])
  const ends = { prediction: 1, lower: 0.9, upper: 1.1 }
  for (const [name, factor] of Object.entries(ends)) {
    const factors = graph.constant(
      `${name}_factors`,
      Float32Array.from(multiples, (times) => times * factor),
      [1, width],
    )
    graph.output(name, graph.node('Mul', [soFar, factors]), 'float32', [-1, width])
  }
  const ofTen = (factor: number): Tensor =>
    float(
      [1, width],
      multiples.map((times) => 10 * times * factor),
    )
  return writeSmall(
    dir,
    {
      model,
      graph,
      inputs: [spec('numeric', 'float32', [-1, 2]), spec('categorical', 'int32', [-1, 1])],
      outputs: Object.keys(ends).map((name) => spec(name, 'float32', [-1, width])),
      golden: {
        inputs: { numeric: float([1, 2], [1, Math.log(11)]), categorical: int([1, 1], [0]) },
        outputs: { prediction: ofTen(ends.prediction), lower: ofTen(ends.lower), upper: ofTen(ends.upper) },
      },
      arrays,
      json: {
        'features.json': {
          numeric: its.fields.map((name) => ({ name, source: 'store', unit: '', description: name })),
          categorical: [{ ...platform, source: 'store' }],
          targets: Object.keys(its.multiples).map((name) => ({ name, unit, description: name })),
          definition: '',
        },
      },
      service: model,
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
  return writeSmall(
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
