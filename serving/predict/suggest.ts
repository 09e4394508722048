import type { Draft } from '../../features/transforms/draft-features.ts'
import type { TabularModel } from './score-drafts.ts'
import { inputTensors, type TabularExamples, type TabularInputs, tabularInputs } from './tabular-inputs.ts'

/** A change of a draft, and by how much the model expects the headline count to differ. */
export interface Suggestion {
  readonly field: 'plannedAt' | 'durationSeconds'
  /** In the unit of the field; seconds. */
  readonly from: number
  readonly to: number
  /** Of (1 + count); above 1. */
  readonly expectedFactor: number
}

const hoursAhead = 168
const durationFactors = [0.5, 0.75, 1.25, 1.5, 2]
/** Of each field. */
const mostShown = 3

interface Variant {
  readonly field: Suggestion['field']
  readonly to: number
}

/**
 * What would move a prediction most among what a creator can set freely: the hour of publication within the next seven days, and the
 * duration from half to twice as long. Each is changed alone; what the model expects of it is no proof that it causes anything.
 *
 * @param example a single draft
 * @param longestSeconds durations beyond are not proposed
 * @param now            seconds since 1970, UTC
 * @returns changes for the better, the strongest first, at most three of a field; none where the model expects nothing of any
 */
export async function suggestChanges(
  model: TabularModel,
  example: TabularExamples,
  longestSeconds: number,
  now: number,
): Promise<Suggestion[]> {
  const draft = example.drafts[0]!
  const variants = [...hours(now), ...durations(draft, longestSeconds)]
  const { prediction } = await model.scorer.score(inputTensors(variantInputs(model, example, variants)))
  const count = (row: number): number => 1 + prediction!.data[row * model.payload.targets.length]!
  const better = variants
    .map(({ field, to }, i) => ({ field, from: draft[field]!, to, expectedFactor: count(1 + i) / count(0) }))
    .filter(({ expectedFactor }) => expectedFactor > 1)
    .sort((a, b) => b.expectedFactor - a.expectedFactor || a.to - b.to)
  return better.filter(
    ({ field }, place) => better.slice(0, place).filter((other) => other.field === field).length < mostShown,
  )
}

const hours = (now: number): Variant[] =>
  Array.from({ length: hoursAhead }, (_, i) => ({ field: 'plannedAt', to: (Math.floor(now / 3600) + 1 + i) * 3600 }))

const durations = ({ durationSeconds }: Draft, longestSeconds: number): Variant[] =>
  durationSeconds === null || durationSeconds === 0
    ? []
    : durationFactors
        .map((factor) => ({ field: 'durationSeconds' as const, to: Math.round(durationSeconds * factor) }))
        .filter(({ to }) => to > 0 && to <= longestSeconds && to !== durationSeconds)

/** The draft's own inputs, then those of its variants, which differ in the columns of the changed field; no text is read again. */
function variantInputs(model: TabularModel, example: TabularExamples, variants: readonly Variant[]): TabularInputs {
  const { payload } = model
  const own = tabularInputs(payload, example)
  const textless = { ...example.drafts[0]!, title: '', description: '', tags: [] }
  const changed = tabularInputs(payload, {
    drafts: variants.map(({ field, to }) => ({ ...textless, [field]: to })),
    creators: example.creators,
    creatorRow: new Int32Array(variants.length),
    early: variants.map(() => ({})),
  })
  const { groups, numeric, categorical } = payload.grouped
  const mixed = <T extends Float32Array | Int32Array>(into: T, row: T, others: T, its: Int32Array): T => {
    for (let i = 0; i <= variants.length; i++) into.set(row, i * row.length)
    for (const [i, { field }] of variants.entries()) {
      for (let j = 0; j < row.length; j++) {
        if (groups[its[j]!] === field) into[(1 + i) * row.length + j] = others[i * row.length + j]!
      }
    }
    return into
  }
  const rowCount = 1 + variants.length
  return {
    rowCount,
    numeric: mixed(new Float32Array(rowCount * own.numeric.length), own.numeric, changed.numeric, numeric),
    categorical: mixed(
      new Int32Array(rowCount * own.categorical.length),
      own.categorical,
      changed.categorical,
      categorical,
    ),
  }
}
