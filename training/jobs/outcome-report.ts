import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer } from '../../models/scorer.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import { coverageByLevel, intervalsBySize, withinInterval } from '../evaluation/interval-quality.ts'
import { type IntervalEnds, intervalScores } from '../evaluation/interval-score.ts'
import { mean } from '../evaluation/mean.ts'
import { quantile } from '../evaluation/quantile.ts'
import { rmse } from '../evaluation/regression.ts'
import { judgeSlices, judgeWhole, type Slicing } from '../evaluation/slices.ts'
import { coverageBySizeChart, coverageChart, widthBySizeChart } from '../report/interval-charts.ts'
import { calibrationOfMeans, predictedAgainstActual } from '../report/prediction-charts.ts'
import type { ReportSection, TableCell } from '../report/report.ts'
import { type SlicesInput, sliceSections } from '../report/slice-sections.ts'
import { explainTabular } from './explain-tabular.ts'
import type { FittedOutcomes } from './fit-outcomes.ts'
import { afterFirstDay, intervalCoverage } from './outcome-metrics.ts'
import { headlineLogs } from './outcome-tensors.ts'
import type { TestOutcome } from './test-outcomes.ts'

/** What a report says of examples that are contents, or others. */
export interface OutcomeReportWords {
  /** As in `On contents it has not seen`. */
  readonly examples: string
  /** What an error means. */
  readonly errors: string
  /** What the baselines are. */
  readonly baselines: string
  /** On data and training. */
  readonly paragraphs: readonly string[]
}

export interface OutcomeReportInput {
  readonly fitted: FittedOutcomes
  readonly names: readonly OutcomeName[]
  readonly describe: (name: OutcomeName) => TabularFeatures['targets'][number]
  readonly table: FeatureTable
  /** Of the test part. */
  readonly rows: Int32Array
  /** Promised share within the interval. */
  readonly coverage: number
  readonly slicings: readonly Slicing[]
  /** What the creator's clock showed when each was published, where rows are contents. */
  readonly clockAt?: ArrayLike<number>
  readonly words: OutcomeReportWords
  readonly seed: number
}

const levels = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

/** @param scorer the model as it is served */
export async function outcomeReport(input: OutcomeReportInput, scorer: Scorer): Promise<readonly ReportSection[]> {
  const { names, fitted, words, clockAt } = input
  const { metrics, features, tests } = fitted
  const [test] = tests
  const main = names[0]!
  return [
    {
      kind: 'metrics',
      title: `On ${words.examples} it has not seen`,
      rows: metrics,
      note: `${words.errors} Intervals are 95 % bootstrap intervals over ${test[0]!.actual.length} later ${words.examples}. ${words.baselines} The coverage error is how far the share of ${words.examples} within the interval is from the promised ${input.coverage}.`,
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
      features,
      actual: test[0]!.actual,
      ...(clockAt && { clockAt }),
      metric: { name: `RMSE of ln ${main}`, higherIsBetter: false, statistic: rmse },
    })),
    intervalTable(input),
    ...afterSections(input),
    { kind: 'text', title: 'Data and training', paragraphs: words.paragraphs },
  ]
}

/** How wide the intervals of each target are for a typical content and for the surest and least sure tenth, and how good they are. */
function intervalTable({
  names,
  describe,
  fitted: {
    tests: [test],
  },
  coverage,
  words,
}: OutcomeReportInput): ReportSection {
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
    rows: names.map((name, t) => {
      const { actual, interval, uniform } = test[t]!
      const widths = Float64Array.from(actual, (_, i) => interval.upper[i]! - interval.lower[i]!).sort()
      return [
        name,
        describe(name).description,
        ...[0.5, 0.1, 0.9].map((q) => quantile(widths, q)),
        coverage,
        intervalCoverage(test[t]!),
        score(interval, actual),
        score(uniform, actual),
      ]
    }),
    note: `Widths from end to end, of counts in ln(1 + count). An interval is as wide as its outcome is hard to foretell: the spread is learned from what a linear model missed of training ${words.examples} that it had not learned from, and scaled on the validation part (Lei et al. 2018, §5.2). A target whose three widths are equal has intervals of one width, which did better on the validation part. The interval score is the width and 2/α times what lies outside (Gneiting & Raftery 2007): lower is better.`,
  }
}

/** What the counts of the first day tell, target by target; those of that day are then known. */
function afterSections({
  names,
  fitted: {
    tests: [before, after],
  },
}: OutcomeReportInput): readonly ReportSection[] {
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
      rows: names.flatMap((name, t) => (partsOfOutcome(name).days === 1 ? [] : [[name, ...cells(t)]])),
      note: '“mean growth” adds to ln(1 + count of the first day) what it grew on average (Szabo & Huberman 2010, eq. 3). Widths of intervals are means.',
    },
  ]
}

const meanWidth = ({ interval: { lower, upper } }: TestOutcome): number =>
  mean(Float64Array.from(lower, (low, i) => upper[i]! - low))

function intervalSections(input: OutcomeReportInput): readonly ReportSection[] {
  const { fitted, coverage, names } = input
  const {
    tests: [test],
    valid,
  } = fitted
  const { model, actual, sigma, interval } = test[0]!
  const outcomes = { prediction: model, actual, spread: sigma }
  const { lower, upper } = interval
  const groups = intervalsBySize(outcomes, lower, upper, coverage)
  return [
    {
      kind: 'charts',
      title: `Do the intervals of ${names[0]} keep their promise?`,
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
  const { fitted, slicings, names, coverage, seed } = input
  const { actual, model, baselines, interval, groups } = fitted.tests[0][0]!
  const { lower, upper } = interval
  const examples = { actual, model, baseline: baselines.ridge!, covered: withinInterval(lower, upper, actual), groups }
  return {
    metric: `RMSE of ln ${names[0]}`,
    higherIsBetter: false,
    baseline: 'ridge',
    whole: judgeWhole(examples, rmse, seed),
    sliced: judgeSlices(slicings, examples, rmse, seed),
    bias: { unit: 'factor', format: (bias) => `×${Math.exp(bias).toFixed(2)}` },
    promised: coverage,
  }
}
