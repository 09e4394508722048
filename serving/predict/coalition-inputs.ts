import type { GroupedColumns } from '../runtime/grouped-columns.ts'
import type { TabularBackground } from '../runtime/loaded-model.ts'
import { coalitionCount, type JoiningOrder } from './shapley.ts'
import type { TabularInputs } from './tabular-inputs.ts'

/** One example beside the contents that it is held against. */
export interface Contrast {
  readonly grouped: GroupedColumns
  /** One row. */
  readonly example: TabularInputs
  /** `[text fields, W]`: what each text of the example alone adds to the columns of the source `text`. */
  readonly texts: Float32Array
  readonly background: TabularBackground
}

/** Groups in which the example differs from each row of the background. */
export function differingGroups({ grouped, example, texts, background }: Contrast): number[][] {
  const { groups, numeric, categorical } = grouped
  return Array.from({ length: background.rowCount }, (_, b) => {
    const differs = new Uint8Array(groups.length)
    const compare = (its: Int32Array, one: ArrayLike<number>, others: ArrayLike<number>, span = 1): void => {
      for (let at = 0; at < its.length * span; at++) {
        const group = its[Math.floor(at / span)]!
        if (group >= 0 && !Object.is(one[at], others[b * its.length * span + at])) differs[group] = 1
      }
    }
    compare(numeric, example.numeric, background.numeric)
    compare(categorical, example.categorical, background.categorical)
    compare(grouped.texts, texts, background.texts, texts.length / Math.max(1, grouped.texts.length))
    return [...groups.keys()].filter((group) => differs[group] === 1)
  })
}

/**
 * Inputs of all that Shapley values need: the example, each row of the background, and the coalitions of the orders, which have the
 * values of the example in the groups that have joined and those of their background row in the others. That equals the features of a
 * draft with these fields, as each column derives from one group, or is a sum over the texts.
 */
export function coalitionInputs(contrast: Contrast, orders: readonly JoiningOrder[]): TabularInputs {
  const { grouped, example, background } = contrast
  const [width, fields] = [grouped.numeric.length, grouped.categorical.length]
  const rowCount = 1 + background.rowCount + coalitionCount(orders)
  const numeric = new Float32Array(rowCount * width)
  const categorical = new Int32Array(rowCount * fields)
  numeric.set(example.numeric)
  numeric.set(background.numeric, width)
  categorical.set(example.categorical)
  categorical.set(background.categorical, fields)
  let row = 1 + background.rowCount
  for (const { background: b, players } of orders) {
    const joined = new Uint8Array(grouped.groups.length)
    let from = 1 + b
    for (const player of players.slice(0, -1)) {
      joined[player] = 1
      numeric.copyWithin(row * width, from * width, (from + 1) * width)
      categorical.copyWithin(row * fields, from * fields, (from + 1) * fields)
      for (let j = 0; j < width; j++) if (grouped.numeric[j] === player) numeric[row * width + j] = example.numeric[j]!
      for (let j = 0; j < fields; j++) {
        if (grouped.categorical[j] === player) categorical[row * fields + j] = example.categorical[j]!
      }
      if (grouped.texts.includes(player))
        mixTexts(contrast, joined, b, numeric.subarray(row * width, (row + 1) * width))
      from = row++
    }
  }
  return { rowCount, numeric, categorical }
}

/** Sets the columns of the source `text` to the sum of what the texts add: the example's where they have joined. */
function mixTexts({ grouped, texts, background }: Contrast, joined: Uint8Array, b: number, row: Float32Array): void {
  const width = texts.length / grouped.texts.length
  let column = 0
  for (let j = 0; j < row.length; j++) {
    if (grouped.numeric[j]! >= 0) continue
    let sum = 0
    for (const [field, group] of grouped.texts.entries()) {
      sum +=
        joined[group] === 1
          ? texts[field * width + column]!
          : background.texts[(b * grouped.texts.length + field) * width + column]!
    }
    row[j] = sum
    column++
  }
}
