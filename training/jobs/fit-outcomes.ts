import type { FeatureService } from '../../features/definitions/feature-view.ts'
import type { Manifest } from '../../models/artifact/manifest.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import type { ContentMoments } from '../datasets/content-moments.ts'
import type { KnownRows } from '../datasets/known-outcomes.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import type { TimeSplit } from '../datasets/time-split.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import { rmse } from '../evaluation/regression.ts'
import { prepareTable } from '../networks/tabular-model.ts'
import { countedAlready, meanGrowth, momentOfTarget, raiseToCounted } from './counted-already.ts'
import type { TableWithTexts } from './draft-texts.ts'
import { type Foretold, foretell } from './foretell.ts'
import type { JobContext } from './job.ts'
import { laddersOf } from './ladders.ts'
import { learnIntervals } from './outcome-intervals.ts'
import { type OutcomeTests, outcomeMetrics } from './outcome-metrics.ts'
import { outcomeOutputs } from './outcome-outputs.ts'
import { isCount } from './outcome-targets.ts'
import { headlineOf, outcomeTensors } from './outcome-tensors.ts'
import { inUnits, missedBy, type OutcomeSums } from './output-sums.ts'
import { bestShare } from './own-shares.ts'
import type { OutcomeOptions } from './read-outcomes.ts'
import { regressionHead } from './regression-head.ts'
import { ridgeFits } from './ridge-fits.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'
import { testOutcomes } from './test-outcomes.ts'

/** What a model of outcomes learns from n examples: contents, or creators at some day. */
export interface OutcomeLesson {
  readonly name: 'engagement' | 'revenue' | 'creator-revenue'
  readonly service: FeatureService
  readonly manifest: Pick<Manifest, 'synthetic' | 'data' | 'config'>
  /** Of T targets, the headline first. */
  readonly names: readonly OutcomeName[]
  /** How the payload declares a target. */
  readonly describe: (name: OutcomeName) => ReturnType<typeof tabularFeatures>['targets'][number]
  /** What an example is, as in `too few contents with known views_7d`. */
  readonly examples: string
  readonly split: TimeSplit
  readonly rows: KnownRows
  readonly at: ContentMoments
  readonly texts: TableWithTexts['texts']
  /** As they are learned, ln(1 + count) or a share: all that came, what was known for choosing, and for the last fit; `[T][n]` */
  readonly values: readonly Float64Array[]
  readonly search: readonly Float64Array[]
  readonly final: readonly Float64Array[]
  /** Field of the store with ln(1 + count) that every target goes on from: by how much it differs is learned then, which does not drift. */
  readonly since?: string
  /** By name, of each target; NaN stands for the mean of the training part; `[T][name][n]` */
  readonly baselines: readonly Readonly<Record<string, Float64Array>>[]
  /** Examples that are judged as one, such as those of a creator; `[n]` */
  readonly groups?: ArrayLike<number>
}

/** Fits a model of several outcomes at once, with conformal intervals, and judges it on the test part. */
export async function fitOutcomes(
  context: JobContext,
  config: Omit<OutcomeOptions, 'textDirections' | 'minContents'>,
  lesson: OutcomeLesson,
) {
  const { names, describe, split, rows, at, values, search, final } = lesson
  const { table } = at
  const counted = countedAlready(names, table)
  const { column: since, from } = startOf(lesson)
  const ladders = laddersOf(names)
  const outputs = outcomeOutputs(search.map(from.less), rows.train, at, counted, ladders)
  const { width } = outputs
  const learned = outputs.standardise(search.map(from.less))
  const [train, valid] = [at.rows(rows.train), at.rows(rows.valid)]
  const prepared = prepareTable(table, train, config.bins)
  const { starts, fitStart, fitLinear } = ridgeFits(prepared, { train, valid }, learned, width)
  const kind = { name: lesson.name, kind: 'regression', treedOutputs: outputs.grows[0] ? 2 : 1 } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: table.rowCount,
    outputs: width,
    train: { rows: train, targets: learned },
    valid,
    past: { rows: at.rows(rows.past), targets: outputs.standardise(final.map(from.less)) },
    fitStart,
    fitLinear,
  })

  const unitsBy = (sums: OutcomeSums['sums']) => (its: Float32Array | readonly Float64Array[], part: Int32Array) =>
    inUnits(its, part, { ...outputs, sums }, counted.logs).map((values) => from.more(values, part))
  const momentOf = momentOfTarget(counted, at)
  const validation = at.moments.map((moment, m) => {
    const part = moment.rows(rows.valid)
    /** What was known for choosing, of those that are foretold at this moment. */
    const actual = search.map((values, t) =>
      Float64Array.from(part, (row) => (momentOf(t, row) === m ? values[at.contentOf(row)]! : Number.NaN)),
    )
    return { part, actual, output: model.predict('judged', part) }
  })
  const own = unitsBy(outputs.sumsWith())
  const stepped = unitsBy(outputs.sumsWith(at.moments.map(() => names.map(() => 0))))
  const shares = validation.map(({ part, actual, output }) => {
    const [owns, others] = [own(output, part), stepped(output, part)]
    return names.map((_, t) => bestShare(owns[t]!, others[t]!, actual[t]!))
  })
  const sums = outputs.sumsWith(shares)
  const units = unitsBy(sums)
  const judged = validation.map(({ part, output }) => units(output, part))
  const residuals = starts.map((start) => start.residuals)
  const intervals = at.moments.map((moment, m) =>
    names.map((name, t) =>
      learnIntervals({
        of: `${lesson.examples} with known ${name}`,
        design: prepared.design,
        train: moment.rows(rows.train),
        residuals: missedBy(sums[m]![t]!, residuals, outputs.scales),
        valid: validation[m]!.part,
        prediction: judged[m]![t]!,
        actual: validation[m]!.actual[t]!,
        alpha: 1 - config.intervalCoverage,
      }),
    ),
  )
  const foretold = (part: Int32Array): readonly Foretold[] =>
    foretell(units(model.predict('final', part), part), part, { momentOf, intervals, counted, ladders })
  const growth = meanGrowth(final, at, counted, rows.past)
  const tests = at.moments.map((moment) => {
    const part = moment.rows(split.test)
    return testOutcomes({
      examples: split.test,
      actual: values,
      foretold: foretold(part),
      ridge: own(model.predictLinear(part), part).map((its, t) => raiseToCounted(its, part, counted, t)),
      baselines: lesson.baselines,
      trainMean: search.map((its) => mean(pick(its, rows.train).filter((value) => !Number.isNaN(value)))),
      meanGrowth: counted.logs.map((logs, t) => pick(logs, part).map((log) => log + growth[t]!)),
      groups: lesson.groups,
    })
  }) as unknown as OutcomeTests
  const counts = names.map(isCount)
  const content = { table, texts: lesson.texts }
  const features = tabularFeatures(content, model, names.map(describe), '')
  return {
    model,
    features,
    tests,
    metrics: outcomeMetrics(tests, names, config.intervalCoverage, context.seed),
    /** What the headline's intervals are made from. */
    valid: {
      prediction: judged[0]![0]!,
      actual: pick(search[0]!, rows.valid),
      spread: pick(intervals[0]![0]!.sigma, rows.valid),
    },
    result: tabularResult({
      name: lesson.name,
      service: lesson.service,
      manifest: { backend: 'onnxruntime', ...lesson.manifest },
      content,
      model,
      features,
      head: regressionHead({
        counts,
        outputs: { ...outputs, sums },
        ladders,
        intervals,
        prepared,
        earlyColumns: at.earlyColumns,
        counted,
        since,
      }),
      outputs: (part) => outcomeTensors(foretold(part), counts),
      goldenRows: concatIndices(...at.moments.map((moment) => moment.rows(split.test))),
      // With their first counts, where there are any: against these, counts of a published content say something.
      backgroundRows: at.moments.at(-1)!.rows(split.valid),
      judgedRows: split.test,
      judge: (tensors, its) => rmse(headlineOf(tensors, its, names[0]!), pick(values[0]!, split.test)),
    }),
  }
}

/** What came of fitting. */
export type FittedOutcomes = Awaited<ReturnType<typeof fitOutcomes>>

/** The column that targets go on from, and how they are made less and more by it; as they are where there is none. */
function startOf({ at: { table }, since }: OutcomeLesson) {
  const same = { less: (values: Float64Array) => values, more: (values: Float64Array, _rows: Int32Array) => values }
  if (since === undefined) return { column: undefined, from: same }
  const column = table.numericFields.findIndex(({ name, source }) => name === since && source === 'store')
  const start = (row: number): number => table.numeric[row * table.featureCount + column]!
  const from: typeof same = {
    less: (values) => values.map((value, row) => value - start(row)),
    more: (values, rows) => values.map((value, i) => value + start(rows[i]!)),
  }
  return { column, from }
}
