import { AppError } from '../../errors.ts'

export const sampleSizes = ['small', 'medium', 'large'] as const
export type SampleSize = (typeof sampleSizes)[number]

/** Everything that decides what is in a sample world: the same world always has the same rows. */
export interface SampleWorld {
  readonly size: SampleSize
  readonly seed: number
  readonly days: number
  readonly users: number
  readonly contents: number
  readonly creators: number
  /** Start of the first day, seconds since 1970, UTC. The last day ends at `worldEnd`, whatever the number of days. */
  readonly start: number
}

/** The moment at which every sample world stops: midnight at the end of Saturday, 31 October 2026, UTC; seconds since 1970. */
const worldEnd = Date.UTC(2026, 10, 1) / 1000

export const defaultDays = 90
export const secondsPerDay = 86_400

const population: Record<SampleSize, Pick<SampleWorld, 'users' | 'contents' | 'creators'>> = {
  small: { users: 2_000, contents: 1_500, creators: 100 },
  medium: { users: 16_000, contents: 8_000, creators: 500 },
  large: { users: 76_000, contents: 40_000, creators: 2_000 },
}

/**
 * @param seed any integer from 0 to 2³²−1
 * @param days 14 to 365: below two weeks there is no rhythm to learn
 * @throws AppError INPUT_INVALID
 */
export function sampleWorld(size: SampleSize, seed: number, days: number = defaultDays): SampleWorld {
  requireInteger('seed', seed, 0, 2 ** 32 - 1)
  requireInteger('days', days, 14, 365)
  return { size, seed, days, ...population[size], start: worldEnd - days * secondsPerDay }
}

function requireInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new AppError('INPUT_INVALID', `--${name} is ${value}; expected an integer from ${min} to ${max}.`, {
    details: { field: name, got: value, min, max },
  })
}
