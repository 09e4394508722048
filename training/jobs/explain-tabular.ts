import { featureGroup } from '../../features/transforms/feature-groups.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer, Tensors } from '../../models/scorer.ts'
import { createRandom, type Random } from '../backend/random.ts'
import { type FeatureTable, tabularInputs } from '../datasets/content-table.ts'
import { numericEffects } from '../evaluation/accumulated-effects.ts'
import { mainColumn } from '../evaluation/main-column.ts'
import { pick, type Statistic } from '../evaluation/metric-row.ts'
import { type GroupImportance, permutationImportance } from '../evaluation/permutation-importance.ts'
import { type ColumnGroup, type ScorableRows, takeRows, widthOf } from '../evaluation/scorable-rows.ts'
import { driversChart } from '../report/drivers-chart.ts'
import { type EffectScale, effectChart, type NumericEffect } from '../report/effect-charts.ts'
import type { ReportSection } from '../report/report.ts'
import { postingHourChart, postingTime } from './posting-hour-chart.ts'

/** Rows to shuffle, and rows to move: enough for two digits, few enough for a few seconds. */
const mostShuffled = 2000
const mostMoved = 600
const mostEffects = 5

export interface ExplainedModel {
  readonly table: FeatureTable
  readonly features: TabularFeatures
  /** The model as it is served. */
  readonly scorer: Scorer
  /** What of its outputs is explained, one number per row. */
  readonly read: (outputs: Tensors) => Float64Array
  readonly scale: EffectScale
  /** Rows of the table that are asked about, `[n]`, and what came of each. */
  readonly rows: Int32Array
  readonly actual: ArrayLike<number>
  /** What the creator's clock showed when each was published, where rows are contents: their posting hour is explained too. */
  readonly clockAt?: ArrayLike<number>
  readonly metric: { readonly name: string; readonly higherIsBetter: boolean; readonly statistic: Statistic }
  readonly seed: number
}

/** What a tabular model's predictions rest on, and how they move with it, over a random sample of the test rows. */
export async function explainTabular(model: ExplainedModel): Promise<readonly ReportSection[]> {
  const random = createRandom(model.seed).fork('explain')
  const sample = sampleOf(model.rows.length, mostShuffled, random.fork('sample'))
  const rows = scorableRows(model, pick32(model.rows, sample))
  const groups = columnGroups(model.features).filter((group) => varies(rows, group))
  const { metric, groups: judged } = await permutationImportance(rows, pick(model.actual, sample), groups, {
    ...model.metric,
    random: random.fork('shuffles'),
  })
  const effects = await mainEffects(model, rows, groups, judged, random.fork('effects'))
  const { features, scale, clockAt } = model
  const hours =
    clockAt === undefined
      ? undefined
      : await postingHourChart(features, rows, pick(clockAt, sample), scale, random.fork('hours'))
  const charts = [...effects.map((effect) => effectChart(effect, scale)), ...(hours === undefined ? [] : [hours])]
  return [
    driversChart({
      metric: model.metric.name,
      higherIsBetter: model.metric.higherIsBetter,
      value: metric,
      groups: judged,
      rowCount: rows.rowCount,
    }),
    ...(charts.length === 0
      ? []
      : [
          {
            kind: 'charts' as const,
            title: 'How predictions move',
            note: `Accumulated local effects: how the prediction changes as one feature rises over the middle 95 % of its values. Where its group tells of one thing, the rest of the group goes along as it does in real examples; all other features stay as they are. The average is ${model.scale === 'factor' ? '×1' : '0'}. Bands and lines are 95 % intervals over test examples; between two ticks at the foot lie equally many. An effect is what the model learned, not proof of a cause.`,
            charts,
          },
        ]),
  ]
}

function sampleOf(count: number, most: number, random: Random): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i)
  random.shuffle(all)
  return all.slice(0, most).sort()
}

/** Some of the rows, with the same model. */
function fewerRows(rows: ScorableRows, kept: Int32Array): ScorableRows {
  const { rowCount, numeric, categorical, score } = rows
  return {
    rowCount: kept.length,
    numeric: takeRows(numeric, rowCount, kept),
    categorical: takeRows(categorical, rowCount, kept),
    score,
  }
}

const pick32 = (values: Int32Array, at: Int32Array): Int32Array => at.map((i) => values[i]!)

function scorableRows({ table, features, scorer, read }: ExplainedModel, rows: Int32Array): ScorableRows {
  const { numeric, categorical } = tabularInputs(table, features, rows)
  return {
    rowCount: rows.length,
    numeric: numeric.data,
    categorical: categorical.data,
    score: async (n, c) => {
      const count = n.length / features.numeric.length
      return read(
        await scorer.score({
          numeric: { shape: [count, features.numeric.length], data: n },
          categorical: { shape: [count, features.categorical.length], data: c },
        }),
      )
    },
  }
}

/** The columns of a model's inputs by the groups that a person names. */
function columnGroups({ numeric, categorical }: TabularFeatures): readonly ColumnGroup[] {
  const groups = new Map<string, { label: string; numeric: number[]; categorical: number[] }>()
  for (const [kind, fields] of Object.entries({ numeric, categorical })) {
    fields.forEach(({ name, source }, column) => {
      const { label } = featureGroup(name, source)
      const group = groups.get(label) ?? { label, numeric: [], categorical: [] }
      groups.set(label, group)
      group[kind as 'numeric' | 'categorical'].push(column)
    })
  }
  return [...groups.values()]
}

/** Whether any column of a group differs between rows: what is the same everywhere cannot be shuffled. */
function varies({ rowCount, numeric, categorical }: ScorableRows, group: ColumnGroup): boolean {
  const differs = (values: ArrayLike<number>, columns: readonly number[]): boolean => {
    const width = widthOf(values, rowCount)
    return columns.some((column) =>
      Array.from({ length: rowCount }).some((_, row) => !Object.is(values[row * width + column], values[column])),
    )
  }
  return differs(numeric, group.numeric) || differs(categorical, group.categorical)
}

/** Effects of the most important groups with numbers, each along the feature that goes with the predictions most closely. */
async function mainEffects(
  { features }: ExplainedModel,
  all: ScorableRows,
  groups: readonly ColumnGroup[],
  judged: readonly GroupImportance[],
  random: Random,
): Promise<readonly NumericEffect[]> {
  const rows = fewerRows(all, sampleOf(all.rowCount, mostMoved, random.fork('sample')))
  const prediction = await rows.score(rows.numeric, rows.categorical)
  const effects: NumericEffect[] = []
  for (const { label, harm } of judged) {
    if (effects.length === mostEffects || harm.value <= 0) break
    if (label === postingTime.label) continue
    const group = groups.find((its) => its.label === label)!
    const main = mainColumn(rows, group.numeric, prediction)
    if (main === undefined) continue
    const its = await numericEffects(rows, main.column, main.along, random.fork(label))
    const { unit, description } = features.numeric[main.column]!
    if (its !== undefined) effects.push({ group: label, unit, description, effects: its })
  }
  return effects
}
