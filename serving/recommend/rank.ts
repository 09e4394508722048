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

/** What the network is asked about one user; `rows` says which candidates it knows. */
export interface RankingQuestion {
  readonly user: number
  readonly candidates: Candidates
  /** Positions in `candidates` of the contents that the model knows. */
  readonly rows: Int32Array
}

/** The candidates that the model can score for a user, or undefined when it does not know the user. */
export function rankingQuestion(
  model: LoadedModel<'neu-mf'>,
  catalogue: Catalogue,
  userId: string,
  candidates: Candidates,
): RankingQuestion | undefined {
  const user = model.payload.userIndex.get(userId)
  if (user === undefined) return undefined
  const { toModel } = alignmentOf(model, catalogue)
  const rows = new Int32Array(candidates.items.length)
  let known = 0
  for (let i = 0; i < rows.length; i++) if (toModel[candidates.items[i]!]! >= 0) rows[known++] = i
  return { user, candidates, rows: rows.subarray(0, known) }
}

/**
 * The network's logits for several users in one batch.
 *
 * @returns one `[rows]` array per question, in their order
 */
export async function scoreQuestions(
  model: LoadedModel<'neu-mf'>,
  catalogue: Catalogue,
  questions: readonly RankingQuestion[],
): Promise<Float32Array[]> {
  const { toModel } = alignmentOf(model, catalogue)
  const total = questions.reduce((sum, question) => sum + question.rows.length, 0)
  if (total === 0) return questions.map(() => new Float32Array(0))
  const user = new Int32Array(total)
  const item = new Int32Array(total)
  let at = 0
  for (const question of questions) {
    user.fill(question.user, at, at + question.rows.length)
    for (const row of question.rows) item[at++] = toModel[question.candidates.items[row]!]!
  }
  const { score } = await model.scorer.score({
    user: { shape: [total], data: user },
    item: { shape: [total], data: item },
  })
  const logits = score!.data as Float32Array
  at = 0
  return questions.map((question) => {
    const own = logits.subarray(at, at + question.rows.length)
    at += question.rows.length
    return own
  })
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
