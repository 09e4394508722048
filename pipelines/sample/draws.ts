import type { SampleWorld } from './world.ts'

type Seeded = Pick<SampleWorld, 'seed'>

/**
 * SQL for a uniform draw in [0, 1) that depends on nothing but the seed, the draw's name and the ids: not on the order of rows, not
 * on the number of threads.
 *
 * The outer `hash` is needed: DuckDB combines the hashes of several columns by XOR, so that without it two draws for the same id
 * would differ by a constant only.
 *
 * @param name what is drawn; two draws for the same ids need two names
 * @param ids  SQL expressions of integer type
 */
export function uniform(world: Seeded, name: string, ...ids: readonly string[]): string {
  const key = fnv1a(`${world.seed}/${name}`)
  return `((hash(hash(${key}::ubigint, ${ids.join(', ')})) >> 11)::double / 9007199254740992.0)`
}

/** SQL for a draw from the standard normal distribution (Box–Muller), see `uniform`. */
export function normal(world: Seeded, name: string, ...ids: readonly string[]): string {
  const radius = `sqrt(-2 * ln(1 - ${uniform(world, `${name}/radius`, ...ids)}))`
  return `(${radius} * cos(2 * pi() * ${uniform(world, `${name}/angle`, ...ids)}))`
}

/** SQL for a draw from the exponential distribution with mean 1, see `uniform`. */
export function exponential(world: Seeded, name: string, ...ids: readonly string[]): string {
  return `(-ln(1 - ${uniform(world, name, ...ids)}))`
}

/** SQL for an integer from 0 to n − 1, all equally likely. */
export function integer(world: Seeded, name: string, n: number | string, ...ids: readonly string[]): string {
  return `floor(${uniform(world, name, ...ids)} * ${n})::bigint`
}

/** SQL for one of some texts, all equally likely. */
export function pick(world: Seeded, name: string, texts: readonly string[], ...ids: readonly string[]): string {
  return `${textList(texts)}[1 + ${integer(world, name, texts.length, ...ids)}]`
}

/**
 * SQL for the index of one of several choices with given shares.
 *
 * @param shares positive, adding up to 1; the last one takes what rounding leaves
 */
export function choose(draw: string, shares: readonly number[]): string {
  let sum = 0
  const cases = shares.slice(0, -1).map((share, index) => {
    sum += share
    return `when ${draw} < ${sum.toFixed(6)} then ${index}`
  })
  return `(case ${cases.join(' ')} else ${shares.length - 1} end)::bigint`
}

/** An SQL list literal of texts. */
export const textList = (texts: readonly string[]): string =>
  `[${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]`

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}
