import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { contentsWith, outcomesAt, readContentOutcomes } from '../datasets/contents.ts'
import { describeKnown, hideUnknown, knownFrom, knownRows, requireKnown } from '../datasets/known-outcomes.ts'
import { splitAt, splitByTime, timeSplitOptions } from '../datasets/time-split.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import type { JobContext } from './job.ts'
import { trackParts } from './tabular-progress.ts'
import { catalogueThreshold, labelVirality, viralityOutcome } from './virality-labels.ts'
import { ownQuestion, thresholdQuestion, type ViralityQuestion } from './virality-questions.ts'

/** What counts as viral, and of which contents that is asked. */
export const questionOptions = {
  share: z
    .number()
    .min(0.5)
    .max(0.999)
    .default(0.95)
    .describe('quantile of the creator’s own contents that is exceeded'),
  threshold: z
    .number()
    .positive()
    .optional()
    .describe('count that the second question asks about; by default the same quantile of all contents'),
  floor: z.number().min(0).default(0).describe('count that a viral content exceeds in any case'),
  minPosts: z.number().int().min(2).default(10).describe('fewest contents of a creator in the training part'),
  minContents: z.number().int().min(10).default(20).describe('fewest contents in each part of the split'),
}

const optionsSchema = z.strictObject({ ...timeSplitOptions, ...questionOptions })
type QuestionOptions = z.infer<typeof optionsSchema>

/**
 * The contents of creators with enough history, what is asked about them, and of which the answer was known in time. The threshold is no
 * question where it tells no contents of some part apart.
 *
 * @throws AppError DATA_INSUFFICIENT saying of what there is too little
 */
export async function readQuestions({ source, tracker, log }: JobContext, config: QuestionOptions) {
  const all = await readContentOutcomes(source)
  const outcome = viralityOutcome(all)
  const counted = contentsWith(all, outcome)
  const whole = splitByTime(counted.publishedAt, config, config.minContents, `contents with known ${outcome}`)
  const counts = hideUnknown(counted.outcomes.get(outcome)!, knownFrom(counted, outcome), whole)
  const { train } = knownRows(whole, [counts])
  const labels = labelVirality(counted, outcome, train, config)
  const threshold = config.threshold ?? catalogueThreshold(counts.search, train, config.share)
  const labelled = new Set(labels.rows)
  const contents = outcomesAt(counted, (i) => labelled.has(i))
  // The same moments as for all contents, so that the thresholds come from the training part alone.
  const split = splitAt(contents.publishedAt, whole, config.minContents, 'contents of creators with enough history')
  const moments = knownFrom(contents, outcome)
  const own = ownQuestion(labels.actual, hideUnknown(labels.actual, moments, split), outcome, config)
  const rows = knownRows(split, [own.known])
  requireKnown(outcome, split, rows, ['train', 'valid'], config.minContents)
  const parts = { train: rows.train, valid: rows.valid, test: split.test }
  requireBothClasses(own.actual, parts)
  const above = contents.outcomes.get(outcome)!.map((count) => (count > threshold ? 1 : 0))
  const absolute = thresholdQuestion(above, hideUnknown(above, moments, split), outcome, threshold)
  const lacking = partOfOneClass(above, parts)
  if (lacking !== undefined) log.info({ threshold, part: lacking }, 'the threshold tells no contents of a part apart')
  const questions: [ViralityQuestion, ...ViralityQuestion[]] = lacking === undefined ? [own, absolute] : [own]
  trackParts(tracker, split)
  const remark = describeKnown(outcome, split, rows, ['train', 'valid', 'past'])
  return { contents, split, questions, creators: labels.creators, outcome, rows, remark }
}

type Parts = { readonly [K in 'train' | 'valid' | 'test']: Int32Array }

function partOfOneClass(actual: Float64Array, split: Parts): keyof Parts | undefined {
  return (['train', 'valid', 'test'] as const).find((part) => {
    const rate = mean(pick(actual, split[part]))
    return rate === 0 || rate === 1
  })
}

function requireBothClasses(actual: Float64Array, split: Parts): void {
  const part = partOfOneClass(actual, split)
  if (part === undefined) return
  const positives = split[part].reduce((sum, row) => sum + actual[row]!, 0)
  throw new AppError(
    'DATA_INSUFFICIENT',
    `Of ${split[part].length} contents in the ${part} part ${positives} are viral; expected some of both kinds. Import more, or change share, floor or the split with --set.`,
  )
}
