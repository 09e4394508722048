import { youngDays } from '../../features/definitions/content-start.ts'
import { featureService } from '../../features/definitions/index.ts'
import type { ContentCard } from '../../features/store/online-store.ts'
import type { Tensors } from '../../models/scorer.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { LoadedModel } from '../runtime/loaded-model.ts'
import { inputTensors, storeInputs } from './tabular-inputs.ts'

/** A count at the end of a day, counted from that of publication; 80 % interval. */
interface CurvePoint {
  readonly day: number
  readonly value: number
  readonly lower: number
  readonly upper: number
}

/** How one count of a content goes on. */
interface CountForecast {
  readonly quantity: string
  readonly unit: string
  /** From what is counted so far, day by day, as far as the model reaches. */
  readonly curve: readonly CurvePoint[]
}

export interface ContentForecast {
  /** The last whole day that is counted, from that of publication; null where there is no forecast. */
  readonly ageDays: number | null
  readonly counts: readonly CountForecast[]
  readonly fallback: Fallback | null
}

const fields = featureService('forecast').fields.flatMap(({ field }) => (field.dtype === 'float32' ? [field.name] : []))
const ageColumn = fields.indexOf('age_days')

/**
 * How the counts of a young content go on; nothing, and why, for one that is not young, or not counted yet.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function forecastContent(
  model: LoadedModel<'forecast'>,
  store: GuardedStore,
  { contentId, creatorId, publishedAt }: ContentCard,
  now: number,
): Promise<ContentForecast> {
  const features = await store.read((open) =>
    open.features(featureService('forecast'), { content: [contentId], creator: [creatorId] }, now),
  )
  const ageDays = features.numeric[ageColumn]!
  if (Number.isNaN(ageDays)) return { ageDays: null, counts: [], fallback: noForecast(publishedAt, now) }
  const outputs = await model.scorer.score(inputTensors(storeInputs(model.payload, features, Int32Array.of(0))))
  const soFar = (quantity: string): number => Math.expm1(features.numeric[fields.indexOf(`log_${quantity}`)]!)
  return { ageDays, counts: curvesOf(model.payload.targets, outputs, ageDays, soFar), fallback: null }
}

/**
 * Curves of all quantities. The model foretells some days: between them ln(1 + count) is a straight line over ln(2 + day), as counts slow
 * down; and no count falls.
 */
function curvesOf(
  targets: readonly { readonly name: string; readonly unit: string }[],
  { prediction, lower, upper }: Tensors,
  ageDays: number,
  soFar: (quantity: string) => number,
): CountForecast[] {
  const byQuantity = new Map<string, { unit: string; points: CurvePoint[] }>()
  for (const [t, { name, unit }] of targets.entries()) {
    const [, quantity, days] = /^(.*)_(\d+)d$/.exec(name)!
    const known = soFar(quantity!)
    const found = byQuantity.get(quantity!) ?? {
      unit,
      points: [{ day: ageDays, value: known, lower: known, upper: known }],
    }
    byQuantity.set(quantity!, found)
    if (Number(days) <= ageDays) continue
    found.points.push({
      day: Number(days),
      value: prediction!.data[t]!,
      lower: lower!.data[t]!,
      upper: upper!.data[t]!,
    })
  }
  return [...byQuantity].map(([quantity, { unit, points }]) => ({ quantity, unit, curve: daily(points) }))
}

function daily(points: CurvePoint[]): CurvePoint[] {
  points.sort((a, b) => a.day - b.day)
  const curve: CurvePoint[] = [points[0]!]
  for (let i = 1; i < points.length; i++) {
    const from = curve.at(-1)!
    const to = notBelow(points[i]!, from)
    for (let day = from.day + 1; day < to.day; day++) curve.push(between(from, to, day))
    curve.push(to)
  }
  return curve
}

const notBelow = (point: CurvePoint, floor: CurvePoint): CurvePoint => ({
  day: point.day,
  value: Math.max(point.value, floor.value),
  lower: Math.max(point.lower, floor.lower),
  upper: Math.max(point.upper, floor.upper),
})

function between(from: CurvePoint, to: CurvePoint, day: number): CurvePoint {
  const place = (at: number): number => Math.log(2 + at)
  const share = (place(day) - place(from.day)) / (place(to.day) - place(from.day))
  const mixed = (a: number, b: number): number => Math.expm1(Math.log1p(a) + share * (Math.log1p(b) - Math.log1p(a)))
  return {
    day,
    value: mixed(from.value, to.value),
    lower: mixed(from.lower, to.lower),
    upper: mixed(from.upper, to.upper),
  }
}

function noForecast(publishedAt: number | null, now: number): Fallback {
  if (publishedAt === null)
    return fallback('no-forecast', 'The catalogue does not say when this content was published.')
  const days = Math.floor((now - publishedAt) / 86_400)
  return fallback(
    'no-forecast',
    days > youngDays
      ? `This content is ${days} days old, and forecasts cover the first ${youngDays} days.`
      : 'Its first day is not counted yet: until features are materialised again, ask POST /v1/predictions/engagement with its draft.',
  )
}
