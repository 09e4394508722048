import { compileForward } from '../backend/graph/compiled-step.ts'
import { knownVectors } from './history-network.ts'
import type { Parameters } from './train-network.ts'
import type { TwoTowerContent } from './two-tower-content.ts'
import { candidateTower, type TwoTowerShape } from './two-tower-network.ts'

/** Items whose vectors are finished in one run of the candidate tower. */
const itemsPerRun = 1024

/** What the candidate tower makes of each item: `[items, embeddingSize]`; of one that nobody had, from its content, or zeros without. */
export async function finishedItems(
  learned: Parameters,
  { itemCount, embeddingSize }: TwoTowerShape,
  content: TwoTowerContent | undefined,
  counts: Float32Array,
): Promise<Float32Array> {
  const own = knownVectors(learned.items!, embeddingSize, (item) => counts[item]! > 0)
  if (content === undefined) return own
  const names = ['items', 'content_widen', 'content_widen_bias', 'content_narrow']
  const { numbers, isDescribed } = content
  const width = numbers.columns
  const tower = await compileForward(
    {
      name: 'two_tower_items',
      parameters: {
        items: [itemCount, embeddingSize],
        content_widen: [width, embeddingSize],
        content_widen_bias: [embeddingSize],
        content_narrow: [embeddingSize, embeddingSize],
      },
      inputs: {
        indices: { dtype: 'int32', shape: [itemsPerRun] },
        content: { dtype: 'float32', shape: [itemCount, width] },
      },
    },
    (ops, p, inputs) => candidateTower(ops, p, inputs, inputs.indices!),
  )
  try {
    const parameters = { ...Object.fromEntries(names.map((name) => [name, learned[name]!])), items: own }
    const finished = new Float32Array(itemCount * embeddingSize)
    for (let from = 0; from < itemCount; from += itemsPerRun) {
      const indices = Int32Array.from({ length: itemsPerRun }, (_, i) => Math.min(from + i, itemCount - 1))
      const some = await tower.run(parameters, { indices, content: numbers.values })
      const end = Math.min(itemsPerRun, itemCount - from)
      finished.set(some.subarray(0, end * embeddingSize), from * embeddingSize)
    }
    return knownVectors(finished, embeddingSize, (item) => counts[item]! > 0 || isDescribed[item] === 1)
  } finally {
    await tower.close()
  }
}
