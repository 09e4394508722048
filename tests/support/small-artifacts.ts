import type { z } from 'zod'
import { featureService } from '../../features/definitions/index.ts'
import type { Manifest } from '../../models/artifact/manifest.ts'
import type { recommenderVocabularySchema } from '../../models/payloads/recommender.ts'
import type { Tensor } from '../../models/scorer.ts'
import { OnnxGraph } from '../../training/export/onnx-graph.ts'
import { type ArtifactChanges, float, int, spec, writeSmall } from './small-artifact.ts'

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
  return writeSmall(
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
  return writeSmall(
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
  return writeSmall(
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
