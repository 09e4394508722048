import {
  type DraftColumns,
  draftCategoricalFields,
  draftColumnFeatures,
  draftNumericFields,
} from '../../features/transforms/draft-features.ts'
import { featureGroup } from '../../features/transforms/feature-groups.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Random } from '../backend/random.ts'
import { levelEffects } from '../evaluation/accumulated-effects.ts'
import { type ScorableRows, takeRows } from '../evaluation/scorable-rows.ts'
import { type EffectScale, levelEffectChart } from '../report/effect-charts.ts'
import type { Chart } from '../report/report.ts'

/** The group of every feature that the moment of publication makes. */
export const postingTime = featureGroup('local_hour', 'draft')

/**
 * What another hour of the same day does to predictions: all features that the hour makes move together.
 *
 * @param clockAt what the creator's clock showed at publication, of each row; seconds since 1970
 * @returns undefined where all rows have one hour
 */
export async function postingHourChart(
  features: TabularFeatures,
  rows: ScorableRows,
  clockAt: Float64Array,
  scale: EffectScale,
  random: Random,
): Promise<Chart | undefined> {
  const hourOf = Int32Array.from(clockAt, (at) => Math.floor((at % 86_400) / 3600))
  if (new Set(hourOf).size < 2) return undefined
  const effects = await levelEffects(
    24,
    hourOf,
    async (which, hours) => {
      const numeric = takeRows(rows.numeric, rows.rowCount, which)
      const categorical = takeRows(rows.categorical, rows.rowCount, which)
      setPostingTime(
        features,
        Float64Array.from(which, (row, i) => clockAt[row]! + 3600 * (hours[i]! - hourOf[row]!)),
        numeric,
        categorical,
      )
      return rows.score(numeric, categorical)
    },
    random,
  )
  return levelEffectChart('Posting hour', 'hour of publication, on the creator’s clock', effects, scale)
}

/** Overwrites what the moment of publication makes of the inputs. @param plannedAt on the creator's clock: no country moves it again */
function setPostingTime(
  features: TabularFeatures,
  plannedAt: Float64Array,
  numeric: Float32Array,
  categorical: Int32Array,
): void {
  const rowCount = plannedAt.length
  const none = new Array<string>(rowCount).fill('')
  const texts = {
    title: none,
    description: none,
    tags: none,
    platform: none,
    category: none,
    language: none,
    country: none,
  }
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
