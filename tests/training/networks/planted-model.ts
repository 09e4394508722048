import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import type { FeatureTable } from '../../../training/datasets/content-table.ts'
import { fitRidge } from '../../../training/estimators/ridge.ts'
import type { FitEnvironment } from '../../../training/families/family.ts'
import {
  prepareTable,
  type TabularModel,
  type TabularModelInput,
  trainTabularModel,
} from '../../../training/networks/tabular-model.ts'
import { fitEnvironment } from '../fit-environment.ts'

export const rowCount = 600
export const [train, valid, test] = [
  [0, 400],
  [400, 500],
  [500, 600],
].map(([from, to]) => Int32Array.from({ length: to! - from! }, (_, i) => from! + i)) as [
  Int32Array,
  Int32Array,
  Int32Array,
]

/** y = |x₀| + effect of the category: nothing that a straight line could say about x₀. x₁ is noise, missing at times. */
export function planted(): { table: FeatureTable; y: Float32Array } {
  const random = createRandom(7)
  const numeric = new Float32Array(rowCount * 2)
  const category: string[] = []
  const y = new Float32Array(rowCount)
  for (let i = 0; i < rowCount; i++) {
    numeric[2 * i] = random.normal()
    numeric[2 * i + 1] = random.uniform() < 0.2 ? Number.NaN : 1000 * random.uniform()
    category.push(['a', 'b', ''][random.int(3)]!)
    y[i] = Math.abs(numeric[2 * i]!) - 0.8 + (category[i] === 'a' ? 0.5 : 0) + 0.1 * random.normal()
  }
  const field = (name: string) => ({ name, source: 'draft' as const, unit: '', description: '' })
  return {
    table: {
      rowCount,
      featureCount: 2,
      numericFields: [field('x0'), field('x1')],
      numeric,
      categoricalFields: [field('c')],
      categorical: [category],
      texts: { title: [], description: [], tags: [] },
    },
    y,
  }
}

/**
 * What learns from the planted table, its checkpoints in a folder of each test's own.
 *
 * @returns `input`, which prepares a fit; `forget`, which removes what an earlier fit of the test kept
 */
export function usePlantedModel() {
  let workDir: string
  beforeEach(() => {
    workDir = mkdtempSync(join(tmpdir(), 'tabular-'))
  })
  const forget = (): void => rmSync(workDir, { recursive: true, force: true })
  afterEach(forget)

  /** @param training and the rest: what differs from the usual options and environment */
  const input = ({
    training = {},
    environment = {},
    ...overrides
  }: Partial<Omit<TabularModelInput, 'training'>> & {
    readonly training?: Partial<TabularModelInput['training']>
    readonly environment?: Partial<FitEnvironment>
  } = {}): { table: FeatureTable; y: Float32Array; learn: () => Promise<TabularModel> } => {
    const { table, y } = planted()
    const prepared = prepareTable(table, train, 8)
    const given: TabularModelInput = {
      prepared,
      rowCount,
      outputs: 1,
      kind: 'regression',
      hidden: 16,
      members: 2,
      trees: { trees: 40, leaves: 8, rate: 0.1 },
      train: { rows: train, targets: y },
      valid,
      past: { rows: Int32Array.from([...train, ...valid]), targets: y },
      fitLinear: (target, rows) => fitRidge(prepared.design, rows, target, 1),
      refit: false,
      training: {
        epochs: 20,
        batchSize: 32,
        learningRate: 0.01,
        weightDecay: 0.01,
        averaging: 0.9,
        dropout: 0.1,
        unknownRate: 0.05,
        patience: 6,
        ...training,
      },
      ...overrides,
    }
    const checkpointFile = join(workDir, 'network.checkpoint')
    return { table, y, learn: () => trainTabularModel(given, { ...fitEnvironment, checkpointFile, ...environment }) }
  }
  return { input, forget }
}
