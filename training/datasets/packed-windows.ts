import type { Random } from '../backend/random.ts'

/** Windows of one length, filled with sequences end to end; a position predicts the item after it. */
export interface PackedWindows {
  readonly count: number
  /** `[count · length]`: item at each position; 0 pads the end of the last window. */
  readonly inputs: Int32Array
  /** `[count · length]`: the item that follows. */
  readonly targets: Int32Array
  /** `[count · length]`: which sequence a position belongs to; −1 pads. */
  readonly sequences: Int32Array
}

/**
 * Packs sequences into windows without gaps: in random order one after the other, cut wherever a window ends, so that no position is
 * spent on padding and a long sequence is cut elsewhere each time. Windows come in random order.
 *
 * @param sequences items, oldest first; those with fewer than two have nothing to predict
 */
export function packWindows(sequences: readonly Int32Array[], length: number, random: Random): PackedWindows {
  const order = Int32Array.from(sequences, (_, i) => i)
  random.shuffle(order)
  const count = Math.ceil(positionCount(sequences) / length)
  const slots = Int32Array.from({ length: count }, (_, i) => i)
  random.shuffle(slots)
  const inputs = new Int32Array(count * length)
  const targets = new Int32Array(count * length)
  const sequenceOf = new Int32Array(count * length).fill(-1)
  let position = 0
  for (const sequence of order) {
    const items = sequences[sequence]!
    for (let i = 0; i + 1 < items.length; i++, position++) {
      const at = slots[Math.floor(position / length)]! * length + (position % length)
      inputs[at] = items[i]!
      targets[at] = items[i + 1]!
      sequenceOf[at] = sequence
    }
  }
  return { count, inputs, targets, sequences: sequenceOf }
}

/** How many items have one before them. */
export const positionCount = (sequences: readonly Int32Array[]): number =>
  sequences.reduce((sum, { length }) => sum + Math.max(0, length - 1), 0)
