import type { HistoryEvent } from '../../features/store/online-store.ts'
import { paddedHistories } from '../../models/payloads/recommender.ts'
import type { Tensor, Tensors } from '../../models/scorer.ts'
import type { LoadedModel } from '../runtime/loaded-model.ts'
import { alignmentOf } from './alignment.ts'
import type { Catalogue } from './catalogue.ts'
import type { Candidates } from './retrieve.ts'

/**
 * Weight of the retrieval evidence against the network's, both standardised over the user's candidates. The network knows the
 * user as of its training and no order; what the user did since, and what follows what, speaks through retrieval alone.
 * On validation items (benchmarks/serving/blend.ts) ½ is best on ml-100k and within 2 % of the best on the sample
 * world, where the network alone would do.
 */
const defaultRetrievalWeight = 0.5

/** What the network is asked about one person; `rows` says which candidates it knows. */
export interface RankingQuestion {
  readonly who: Who
  readonly candidates: Candidates
  /** Positions in `candidates` of the contents that the model knows. */
  readonly rows: Int32Array
}

/** Whom a network ranks for: a user it was trained on, or somebody by what they did. */
type Who = { readonly user: number } | { readonly history: Int32Array }

/** The candidates that the model can score for a person, or undefined when it knows neither them nor anything they did. */
export function rankingQuestion(
  model: LoadedModel<'recommender'>,
  catalogue: Catalogue,
  userId: string,
  history: readonly HistoryEvent[],
  candidates: Candidates,
): RankingQuestion | undefined {
  const who = whoIs(model, userId, history)
  if (who === undefined) return undefined
  const { toModel } = alignmentOf(model, catalogue)
  const rows = new Int32Array(candidates.items.length)
  let known = 0
  for (let i = 0; i < rows.length; i++) if (toModel[candidates.items[i]!]! >= 0) rows[known++] = i
  return { who, candidates, rows: rows.subarray(0, known) }
}

function whoIs(
  { payload }: LoadedModel<'recommender'>,
  userId: string,
  history: readonly HistoryEvent[],
): Who | undefined {
  if (payload.historyLength === undefined) {
    const user = payload.userIndex.get(userId)
    return user === undefined ? undefined : { user }
  }
  const items = likedItems(history, payload.itemIndex)
  return items.length === 0 ? undefined : { history: items }
}

/** What training learned from: each item once, at its first event that is no skip; oldest first. */
function likedItems(history: readonly HistoryEvent[], itemIndex: ReadonlyMap<string, number>): Int32Array {
  const items = new Set<number>()
  for (const { contentId, eventType } of history) {
    const item = eventType === 'skip' ? undefined : itemIndex.get(contentId)
    if (item !== undefined) items.add(item)
  }
  return Int32Array.from(items)
}

/**
 * The network's scores for several people in one batch.
 *
 * @returns one `[rows]` array per question, in their order
 */
export async function scoreQuestions(
  model: LoadedModel<'recommender'>,
  catalogue: Catalogue,
  questions: readonly RankingQuestion[],
): Promise<Float32Array[]> {
  const { toModel } = alignmentOf(model, catalogue)
  const total = questions.reduce((sum, question) => sum + question.rows.length, 0)
  if (total === 0) return questions.map(() => new Float32Array(0))
  const item = new Int32Array(total)
  let at = 0
  for (const { candidates, rows } of questions) {
    for (const row of rows) item[at++] = toModel[candidates.items[row]!]!
  }
  const { score } = await model.scorer.score({ ...peopleOf(model, questions, total), item: column(item) })
  const scores = score!.data as Float32Array
  at = 0
  return questions.map((question) => {
    const own = scores.subarray(at, at + question.rows.length)
    at += question.rows.length
    return own
  })
}

const column = (data: Int32Array): Tensor => ({ shape: [data.length], data })

/** The inputs that say whom each candidate is scored for; see models/payloads/recommender.ts. */
function peopleOf(
  { payload }: LoadedModel<'recommender'>,
  questions: readonly RankingQuestion[],
  total: number,
): Tensors {
  const whose = new Int32Array(total)
  const histories: Int32Array[] = []
  let at = 0
  for (const [i, { who, rows }] of questions.entries()) {
    whose.fill('user' in who ? who.user : i, at, at + rows.length)
    if ('history' in who) histories.push(who.history)
    at += rows.length
  }
  const length = payload.historyLength
  if (length === undefined) return { user: column(whose) }
  return {
    history: { shape: [questions.length, length], data: paddedHistories(histories, length) },
    row: column(whose),
  }
}

/** Scores of the candidates, `[candidates]` each. */
export interface Blend {
  readonly scores: Float32Array
  /** The network's standardised part; 0 where it does not know the content or the user. */
  readonly network: Float32Array
}

/**
 * Final scores of the candidates: z(logit) + w·z(retrieval) for those that the network knows, w·z(retrieval) for the rest, where z
 * standardises over the user's candidates. A content that is new to the model thus competes as an average one to the network.
 *
 * @param logits `[question.rows]`; undefined for a user whom the network does not know
 * @param retrievalWeight w, ≥ 0
 */
export function blend(
  candidates: Candidates,
  question?: RankingQuestion,
  logits?: Float32Array,
  retrievalWeight = defaultRetrievalWeight,
): Blend {
  const scores = standardised(candidates.scores)
  const network = new Float32Array(scores.length)
  if (question !== undefined && logits !== undefined) {
    const known = standardised(logits)
    for (let i = 0; i < known.length; i++) network[question.rows[i]!] = known[i]!
  }
  for (let i = 0; i < scores.length; i++) scores[i] = network[i]! + retrievalWeight * scores[i]!
  return { scores, network }
}

/** (x − mean) ÷ standard deviation; zeros when all are equal. */
function standardised(values: Float32Array): Float32Array {
  const n = values.length
  let sum = 0
  for (let i = 0; i < n; i++) sum += values[i]!
  const mean = sum / n
  let squares = 0
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2
  const deviation = Math.sqrt(squares / n)
  const scale = deviation > 1e-9 ? 1 / deviation : 0
  const result = new Float32Array(n)
  for (let i = 0; i < n; i++) result[i] = (values[i]! - mean) * scale
  return result
}
