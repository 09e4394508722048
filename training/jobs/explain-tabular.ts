import {
  type DraftColumns,
  draftCategoricalFields,
  draftColumnFeatures,
  draftNumericFields,
} from '../../features/transforms/draft-features.ts'
import { featureGroup } from '../../features/transforms/feature-groups.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer, Tensors } from '../../models/scorer.ts'
import { createRandom, type Random } from '../backend/random.ts'
import { type FeatureTable, tabularInputs } from '../datasets/content-table.ts'
import { levelEffects, numericEffects } from '../evaluation/accumulated-effects.ts'
import { mainColumn } from '../evaluation/main-column.ts'
import { pick, type Statistic } from '../evaluation/metric-row.ts'
import { type GroupImportance, permutationImportance } from '../evaluation/permutation-importance.ts'
import { type ColumnGroup, type ScorableRows, takeRows, widthOf } from '../evaluation/scorable-rows.ts'
import { driversChart } from '../report/drivers-chart.ts'
import { type EffectScale, effectChart, levelEffectChart, type NumericEffect } from '../report/effect-charts.ts'
import type { ReportSection } from '../report/report.ts'

/** Enough for two digits of an importance, few enough for a few seconds. */
const mostRows = 2000
const mostEffects = 5
const postingTime = featureGroup('hour', 'draft')

export interface ExplainedModel {
  readonly table: FeatureTable
  readonly features: TabularFeatures
  /** The model as it is served. */
  readonly scorer: Scorer
  /** What of its outputs is explained, one number per row. */
  readonly read: (outputs: Tensors) => Float64Array
  readonly scale: EffectScale
  /** Rows of the table that are asked about, `[n]`, and of each what came and when it was published. */
  readonly rows: Int32Array
  readonly actual: ArrayLike<number>
  readonly publishedAt: ArrayLike<number>
  readonly metric: { readonly name: string; readonly higherIsBetter: boolean; readonly statistic: Statistic }
  readonly seed: number
}

/** What a tabular model's predictions rest on, and how they move with it, over a random sample of the test rows. */
export async function explainTabular(model: ExplainedModel): Promise<readonly ReportSection[]> {
  const random = createRandom(model.seed).fork('explain')
  const sample = sampleOf(model.rows.length, random.fork('sample'))
  const rows = scorableRows(model, pick32(model.rows, sample))
  const groups = columnGroups(model.features).filter((group) => varies(rows, group))
  const { metric, groups: judged } = await permutationImportance(rows, pick(model.actual, sample), groups, {
    ...model.metric,
    random: random.fork('shuffles'),
  })
  const effects = await mainEffects(model, rows, groups, judged, random.fork('effects'))
  const hours = await hourEffects(model, rows, pick(model.publishedAt, sample), random.fork('hours'))
  const charts = [...effects.map((effect) => effectChart(effect, model.scale)), ...hours]
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
            note: `Accumulated local effects: how the prediction changes as one feature rises over the middle 95 % of its values. Features of its group that are correlated with it go along as they do in real examples; all others stay as they are. The average is ${model.scale === 'factor' ? '×1' : '0'}. Bands and lines are 95 % intervals over test examples; between two ticks at the foot lie equally many. An effect is what the model learned, not proof of a cause.`,
            charts,
          },
        ]),
  ]
}

function sampleOf(count: number, random: Random): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i)
  random.shuffle(all)
  return all.slice(0, mostRows).sort()
}

const pick32 = (values: Int32Array, at: Int32Array): Int32Array => at.map((i) => values[i]!)

function scorableRows({ table, features, scorer, read }: ExplainedModel, rows: Int32Array): ScorableRows {
  const { numeric, categorical } = tabularInputs(table, features, rows)
  return {
    rowCount: rows.length,
    numeric: numeric.data,
    categorical: categorical.data,
    score: async (n, c) => {
      const count = c.length / features.categorical.length
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
  rows: ScorableRows,
  groups: readonly ColumnGroup[],
  judged: readonly GroupImportance[],
  random: Random,
): Promise<readonly NumericEffect[]> {
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

/** What another hour of the same day does: all features that the hour makes move together. */
async function hourEffects(
  { features, scale }: ExplainedModel,
  rows: ScorableRows,
  publishedAt: Float64Array,
  random: Random,
) {
  const hourOf = Int32Array.from(publishedAt, (at) => Math.floor((at % 86_400) / 3600))
  if (new Set(hourOf).size < 2) return []
  const effects = await levelEffects(
    24,
    hourOf,
    async (which, hours) => {
      const numeric = takeRows(rows.numeric, rows.rowCount, which)
      const categorical = takeRows(rows.categorical, rows.rowCount, which)
      setPostingTime(
        features,
        Float64Array.from(which, (row, i) => publishedAt[row]! + 3600 * (hours[i]! - hourOf[row]!)),
        numeric,
        categorical,
      )
      return rows.score(numeric, categorical)
    },
    random,
  )
  return [levelEffectChart('Posting hour', 'hour of publication (UTC)', effects, scale)]
}

/** Overwrites what the moment of publication makes of the inputs. */
function setPostingTime(
  features: TabularFeatures,
  plannedAt: Float64Array,
  numeric: Float32Array,
  categorical: Int32Array,
): void {
  const rowCount = plannedAt.length
  const none = new Array<string>(rowCount).fill('')
  const texts = { title: none, description: none, tags: none, platform: none, category: none, language: none }
  const drafts: DraftColumns = { ...texts, rowCount, durationSeconds: plannedAt, plannedAt, creatorId: none }
  const made = draftColumnFeatures(drafts)
  const isTime = (name: string): boolean => featureGroup(name, 'draft').name === postingTime.name
  draftNumericFields.forEach(({ name }, from) => {
    const to = features.numeric.findIndex((field) => field.name === name && field.source === 'draft')
    if (to < 0 || !isTime(name)) return
    for (let i = 0; i < rowCount; i++) {
      numeric[i * features.numeric.length + to] = made.numeric[i * draftNumericFields.length + from]!
    }
  })
  draftCategoricalFields.forEach(({ name }, from) => {
    const to = features.categorical.findIndex((field) => field.name === name && field.source === 'draft')
    if (to < 0 || !isTime(name)) return
    const index = new Map(features.categorical[to]!.vocabulary.map((value, i) => [value, i]))
    for (let i = 0; i < rowCount; i++) {
      categorical[i * features.categorical.length + to] = index.get(made.categorical[from]![i]!) ?? 0
    }
  })
}
