import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer } from '../../models/scorer.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import type { ContentOutcomes } from '../datasets/contents.ts'
import type { EarlyCounts } from '../datasets/early-counts.ts'
import { partsOfOutcome } from '../datasets/outcome-names.ts'
import { day, describeData, type TimeSplit } from '../datasets/time-split.ts'
import { coverageByLevel, intervalsBySize, type Outcomes, withinInterval } from '../evaluation/interval-quality.ts'
import { type IntervalEnds, intervalScores } from '../evaluation/interval-score.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import { quantile } from '../evaluation/quantile.ts'
import { rmse } from '../evaluation/regression.ts'
import { judgeSlices, judgeWhole } from '../evaluation/slices.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { coverageBySizeChart, coverageChart, widthBySizeChart } from '../report/interval-charts.ts'
import { calibrationOfMeans, predictedAgainstActual } from '../report/prediction-charts.ts'
import { type ReportSection, sentence, type TableCell } from '../report/report.ts'
import { type SlicesInput, sliceSections } from '../report/slice-sections.ts'
import { contentSlicings } from './content-slicings.ts'
import { describeModel } from './describe-model.ts'
import { explainTabular } from './explain-tabular.ts'
import { afterFirstDay, intervalCoverage, type OutcomeTests } from './outcome-metrics.ts'
import { describeTarget, type OutcomeTargets } from './outcome-targets.ts'
import { headlineLogs } from './outcome-tensors.ts'
import type { TestOutcome } from './test-outcomes.ts'

export interface OutcomeReportInput {
  readonly contents: ContentOutcomes
  readonly split: TimeSplit
  /** What was known in time, where that is not everything. */
  readonly remark: string | undefined
  readonly targets: OutcomeTargets
  readonly tests: OutcomeTests
  readonly metrics: readonly MetricRow[]
  readonly early: EarlyCounts
  readonly model: TabularModel
  /** Promised share within the interval. */
  readonly coverage: number
  readonly table: FeatureTable
  readonly features: TabularFeatures
  /** What the headline's intervals are made from. */
  readonly valid: Outcomes
  readonly seed: number
}

const levels = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

/** @param scorer the model as it is served */
export async function outcomeReport(input: OutcomeReportInput, scorer: Scorer): Promise<readonly ReportSection[]> {
  const { targets, tests } = input
  const [test] = tests
  const main = targets.names[0]
  return [
    {
      kind: 'metrics',
      title: 'On contents it has not seen',
      rows: input.metrics,
      note: `Errors are in ln(1 + count): 0.69 is a factor of two. Intervals are 95 % bootstrap intervals over ${test[0]!.actual.length} later contents. “creator mean” is the mean of the creator’s last 60 contents whose count was known at publication; “ridge” reads the same features as the network. The coverage error is how far the share of contents within the interval is from the promised ${input.coverage}.`,
    },
    {
      kind: 'charts',
      title: `Predicted and actual ${main}`,
      note: 'Both axes are logarithmic.',
      charts: [
        predictedAgainstActual(test[0]!.actual, test[0]!.model),
        calibrationOfMeans(test[0]!.actual, test[0]!.model),
      ],
    },
    ...intervalSections(input),
    ...sliceSections(slicesOf(input)),
    ...(await explainTabular({
      ...input,
      scorer,
      read: ({ prediction }) => headlineLogs(prediction!),
      scale: 'factor',
      rows: input.split.test,
      actual: test[0]!.actual,
      publishedAt: pick(input.contents.publishedAt, input.split.test),
      metric: { name: `RMSE of ln ${main}`, higherIsBetter: false, statistic: rmse },
    })),
    intervalTable(input),
    ...afterSections(input),
    { kind: 'text', title: 'Data and training', paragraphs: paragraphs(input) },
  ]
}

/** How wide the intervals of each target are for a typical content and for the surest and least sure tenth, and how good they are. */
function intervalTable({ targets, tests: [test], coverage }: OutcomeReportInput): ReportSection {
  const score = (ends: IntervalEnds, actual: Float64Array): number => mean(intervalScores(ends, actual, 1 - coverage))
  return {
    kind: 'table',
    title: 'Intervals by target',
    header: [
      'Target',
      'What it counts',
      'Width',
      'Surest tenth',
      'Least sure tenth',
      'Promised',
      'On the test part',
      'Interval score',
      'With one width',
    ],
    rows: targets.names.map((name, t) => {
      const { actual, interval, uniform } = test[t]!
      const widths = Float64Array.from(actual, (_, i) => interval.upper[i]! - interval.lower[i]!).sort()
      return [
        name,
        describeTarget(name).description,
        ...[0.5, 0.1, 0.9].map((q) => quantile(widths, q)),
        coverage,
        intervalCoverage(test[t]!),
        score(interval, actual),
        score(uniform, actual),
      ]
    }),
    note: 'Widths from end to end, of counts in ln(1 + count). An interval is as wide as its content is hard to foretell: the spread is learned from what a linear model missed of training contents that it had not learned from, and scaled on the validation part (Lei et al. 2018, §5.2). A target whose three widths are equal has intervals of one width, which did better on the validation part. The interval score is the width and 2/α times what lies outside (Gneiting & Raftery 2007): lower is better.',
  }
}

/** What the counts of the first day tell, target by target; those of that day are then known. */
function afterSections({ targets, tests: [before, after] }: OutcomeReportInput): readonly ReportSection[] {
  if (after === undefined) return []
  const cells = (t: number): readonly TableCell[] => {
    const { actual, model, baselines } = after[t]!
    const growth = baselines['mean growth']
    return [
      rmse(before[t]!.model, before[t]!.actual),
      rmse(model, actual),
      rmse(baselines.ridge!, actual),
      growth === undefined ? '–' : rmse(growth, actual),
      meanWidth(before[t]!),
      meanWidth(after[t]!),
      intervalCoverage(after[t]!),
    ]
  }
  return [
    {
      kind: 'table',
      title: `Before publication and ${afterFirstDay}`,
      header: [
        'Target',
        'RMSE before',
        'RMSE after',
        'ridge after',
        'mean growth',
        'Width before',
        'Width after',
        'Covered after',
      ],
      rows: targets.names.flatMap((name, t) => (partsOfOutcome(name).days === 1 ? [] : [[name, ...cells(t)]])),
      note: '“mean growth” adds to ln(1 + count of the first day) what it grew on average (Szabo & Huberman 2010, eq. 3). Widths of intervals are means.',
    },
  ]
}

const meanWidth = ({ interval: { lower, upper } }: TestOutcome): number =>
  mean(Float64Array.from(lower, (low, i) => upper[i]! - low))

function intervalSections(input: OutcomeReportInput): readonly ReportSection[] {
  const { tests, valid, coverage, targets } = input
  const [test] = tests
  const { model, actual, sigma, interval } = test[0]!
  const outcomes = { prediction: model, actual, spread: sigma }
  const { lower, upper } = interval
  const groups = intervalsBySize(outcomes, lower, upper, coverage)
  return [
    {
      kind: 'charts',
      title: `Do the intervals of ${targets.names[0]} keep their promise?`,
      note: 'Intervals are made on the validation part and judged on the later test part.',
      charts: [
        coverageChart(coverageByLevel(valid, outcomes, levels)),
        coverageBySizeChart(groups, coverage),
        widthBySizeChart(groups, coverage),
      ],
    },
  ]
}

function slicesOf(input: OutcomeReportInput): SlicesInput {
  const { contents, split, tests, targets, coverage, seed } = input
  const { actual, model, baselines, interval } = tests[0][0]!
  const { lower, upper } = interval
  const examples = { actual, model, baseline: baselines.ridge!, covered: withinInterval(lower, upper, actual) }
  return {
    metric: `RMSE of ln ${targets.names[0]}`,
    higherIsBetter: false,
    baseline: 'ridge',
    whole: judgeWhole(examples, rmse, seed),
    sliced: judgeSlices(contentSlicings(contents, split, split.test), examples, rmse, seed),
    bias: { unit: 'factor', format: (bias) => `×${Math.exp(bias).toFixed(2)}` },
    promised: coverage,
  }
}

function paragraphs({ contents, split, remark, targets, model, early }: OutcomeReportInput): string[] {
  const creators = new Set(contents.creatorId).size
  const { encoder, vocabularies } = model.prepared
  return [
    `${describeData(contents.publishedAt, split).rows.toLocaleString('en-US')} contents of ${creators.toLocaleString('en-US')} creators, ${day(contents.publishedAt[0]!)} to ${day(contents.publishedAt[split.test.at(-1)!]!)}; ${split.train.length} for training, ${split.valid.length} for validation (from ${day(split.validFrom)}), ${split.test.length} for the test (from ${day(split.testFrom)}).`,
    contents.singleDay
      ? 'All counts stand on the day of publication, so every horizon is the same and only the one of 7 days is kept.'
      : 'A count of n days covers the day of publication and the n days after it, and is used only where those days have passed.',
    ...(remark === undefined ? [] : [sentence(remark)]),
    ...targets.dropped.map(({ name, reason }) => `Left out: ${name}, because ${reason}.`),
    early.kind === 'known'
      ? `Every content stands in the training data twice, with and without its counts of the first day (${early.names.join(', ')}), so that one model serves both moments.`
      : `Early counts are not used: ${early.reason}.`,
    `${encoder.featureCount} numeric features in ${encoder.binFeature.length} bins and ${vocabularies.length} categorical fields; ${describeModel(model, 'ridge')}.`,
  ]
}
