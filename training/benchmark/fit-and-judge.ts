import process from 'node:process'
import type { Estimate } from '../../models/artifact/manifest.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { type HeldOut, splitLeaveLast } from '../datasets/interactions-split.ts'
import type { FitEnvironment, FittedRecommender, ItemContent, RecommenderFamily } from '../families/family.ts'
import { fitFamily } from '../families/fit-family.ts'
import { searchSettings } from '../search/successive-halving.ts'
import { measure } from './measure.ts'
import type { NamedMetric } from './metric-name.ts'
import { peakMb } from './peak-mb.ts'

/** What a family is fitted on and judged by; all parts share users and items. */
export interface BenchmarkSplit {
  readonly train: Interactions
  /** Chooses epochs and whatever else a family wants chosen; then learned from as well. */
  readonly validation: HeldOut | undefined
  /** `train` and `validation` together, in the order of time. */
  readonly whole: Interactions
  readonly test: HeldOut
  readonly content: ItemContent | undefined
}

/** One line of a benchmark's table. */
export interface BenchmarkRow {
  readonly model: string
  readonly metrics: Readonly<Record<string, Estimate>>
  /** Choosing and the final fit together. */
  readonly fitSeconds: number
  readonly evaluateSeconds: number
  /** Of all cores, both together. */
  readonly cpuSeconds: number
  /** Most memory the process held, MB. */
  readonly peakMb: number
  /** Settings that the validation part chose. */
  readonly chosen: Readonly<Record<string, unknown>>
}

/** How a family is set up. */
export interface BenchmarkSetup {
  readonly config: object
  /** Names of the options that were given: a search leaves them alone. */
  readonly given: readonly string[]
  /** Settings to try on the validation part; 0 for none. */
  readonly trials: number
}

/**
 * Fits a family and judges it on the test part: fitted on `train` where a validation part lets it choose something, then on `whole` with
 * what it chose.
 *
 * @param metrics means over the judged users, with 95 % bootstrap intervals
 */
export async function fitAndJudge(
  family: RecommenderFamily,
  setup: BenchmarkSetup,
  split: BenchmarkSplit,
  metrics: readonly NamedMetric[],
  environment: FitEnvironment,
): Promise<BenchmarkRow> {
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const { fitted, chosen } = await fitForTest(family, setup, split, environment)
  const fittedAt = performance.now()
  try {
    const values = await measure(fitted, split, metrics, environment)
    const evaluatedAt = performance.now()
    const cpu = process.cpuUsage(cpuBefore)
    return {
      model: family.name,
      metrics: values,
      fitSeconds: (fittedAt - started) / 1000,
      evaluateSeconds: (evaluatedAt - fittedAt) / 1000,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      peakMb: peakMb(),
      chosen,
    }
  } finally {
    fitted.close()
  }
}

/** What was chosen on the validation part goes into the final fit; a family that chooses nothing is fitted once. */
async function fitForTest(
  family: RecommenderFamily,
  setup: BenchmarkSetup,
  split: BenchmarkSplit,
  environment: FitEnvironment,
): Promise<{ fitted: FittedRecommender; chosen: FittedRecommender['chosen'] }> {
  const { train, validation, whole, content } = split
  const known = content === undefined ? {} : { content }
  let chosen = setup.trials === 0 ? {} : await search(family, setup, split, environment)
  const config = { ...setup.config, ...chosen }
  if (validation !== undefined && family.choosesOnValidation === true) {
    const dataset = { interactions: train, validation, ...known }
    const searched = await fitFamily(family, dataset, config, {
      ...environment,
      label: `${family.name}: choosing`,
    })
    chosen = { ...chosen, ...searched.chosen }
    searched.close()
  }
  const finalConfig = { ...config, ...chosen }
  const label = `${family.name}: final`
  const fitted = await fitFamily(family, { interactions: whole, ...known }, finalConfig, { ...environment, label })
  return { fitted, chosen: { ...chosen, ...fitted.chosen } }
}

/** The best settings on the validation part; without one, on the last item of each training user. */
async function search(
  family: RecommenderFamily,
  { config, given, trials }: BenchmarkSetup,
  { train, validation, content }: BenchmarkSplit,
  environment: FitEnvironment,
): Promise<Readonly<Record<string, unknown>>> {
  const inner = validation === undefined ? splitLeaveLast(train) : undefined
  const dataset = {
    interactions: inner?.trainAndValidation ?? train,
    validation: inner?.test ?? validation!,
    ...(content !== undefined && { content }),
  }
  const fixed = Object.fromEntries(Object.entries(config).filter(([name]) => given.includes(name)))
  return (await searchSettings(family, dataset, { trials, fixed }, environment)).settings
}
