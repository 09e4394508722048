import type { Random } from '../backend/random.ts'
import type { RecommenderFamily, SearchRange } from '../families/family.ts'

/**
 * Settings drawn at random from a family's space; a range on a logarithmic scale is drawn evenly in its logarithm.
 *
 * @returns one value for each option of the space; what the space does not name keeps its default
 */
export function drawSettings(space: RecommenderFamily['searchSpace'], random: Random): Record<string, unknown> {
  return Object.fromEntries(Object.entries(space).map(([name, range]) => [name, draw(range as SearchRange, random)]))
}

function draw(range: SearchRange, random: Random): unknown {
  if ('values' in range) return range.values[random.int(range.values.length)]
  const { from, to, scale, integer } = range
  const share = random.uniform()
  const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share
  return integer === true ? Math.round(value) : Number(value.toPrecision(3))
}
