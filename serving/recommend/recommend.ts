import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { HistoryEvent } from '../../features/store/online-store.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import { type LoadedModel, type ModelReference, referenceOf } from '../runtime/loaded-model.ts'
import type { ModelStore } from '../runtime/model-store.ts'
import { type Fallback, fallback, fallbackList, missingFallback, refusedFallback } from './fallback.ts'
import type { CatalogueView, LiveCatalogue } from './live-catalogue.ts'
import { blend, type RankingQuestion, rankingQuestion, scoreQuestions } from './rank.ts'
import { reRank } from './re-rank.ts'
import { type Reason, reasonOf } from './reason.ts'
import type { Candidates } from './retrieve.ts'

/** How many of a user's latest events are read; older ones may be recommended again. */
const historyLimit = 500

/** Users of a batch that are worked on before others get their turn: a few milliseconds. */
const usersPerTurn = 4

interface RecommendedItem {
  /** Catalogue index. */
  readonly index: number
  readonly score: number
  readonly reason: Reason
}

/** One user's list. */
export interface Recommendation {
  readonly userId: string
  readonly items: readonly RecommendedItem[]
  readonly model: ModelReference | null
  /** What ordered the list: the network and the neighbours, the neighbours alone, or what trends. */
  readonly ranking: 'model' | 'neighbours' | 'trending'
  readonly fallback: Fallback | null
}

/** Lists and the catalogue that their indices mean. */
export interface Recommendations {
  readonly view: CatalogueView
  readonly lists: readonly Recommendation[]
}

/** What the store says of a user. */
interface Known {
  readonly history: readonly HistoryEvent[]
  /** Nothing may be concluded about a person who did not agree to it, not even from what an older model knows. */
  readonly mayPersonalise: boolean
  readonly storeFailed: boolean
}

interface Plan extends Known {
  readonly userId: string
  readonly candidates: Candidates | undefined
  readonly question: RankingQuestion | undefined
}

/**
 * Recommendations: retrieve → rank → re-rank → fall back, for one user or many; many are ranked in one batch.
 *
 * @throws AppError STORE_FAILED when there is no catalogue to recommend from
 */
export class Recommender {
  readonly #models: ModelStore
  readonly #store: GuardedStore
  readonly #live: LiveCatalogue
  readonly #clock: () => number

  constructor(models: ModelStore, store: GuardedStore, live: LiveCatalogue, clock: () => number) {
    this.#models = models
    this.#store = store
    this.#live = live
    this.#clock = clock
  }

  async recommend(userIds: readonly string[], limit: number): Promise<Recommendations> {
    const known: Known[] = []
    for (let from = 0; from < userIds.length; from += usersPerTurn) {
      if (from > 0) await nextTurn()
      const some = userIds.slice(from, from + usersPerTurn)
      known.push(...(await Promise.all(some.map((userId) => this.#known(userId)))))
    }
    const view = this.#live.view
    if (view.catalogue.cards.length === 0) throw this.#emptyCatalogue()
    const now = this.#clock()
    return this.#models.useOrStandIn('recommender', async (model, refusal) => {
      const refused = model === undefined || refusal === null ? null : refusedFallback(referenceOf(model), refusal)
      const missing = model === undefined ? missingFallback(this.#models.absence('recommender')) : null
      const plans: Plan[] = []
      for (const [i, userId] of userIds.entries()) {
        if (i > 0 && i % usersPerTurn === 0) await nextTurn()
        plans.push(plan(userId, known[i]!, model, refused === null, view, now))
      }
      const questions = plans.flatMap(({ question }) => (question === undefined ? [] : [question]))
      const logits =
        model === undefined || questions.length === 0 ? [] : await scoreQuestions(model, view.catalogue, questions)
      let answered = 0
      const lists: Recommendation[] = []
      for (const [i, each] of plans.entries()) {
        if (i > 0 && i % usersPerTurn === 0) await nextTurn()
        const scored = each.question === undefined ? undefined : logits[answered++]
        lists.push(finish(each, scored, model, missing ?? refused, view, limit, now))
      }
      return { view, lists }
    })
  }

  async #known(userId: string): Promise<Known> {
    const found = await this.#store.tryRead((store) =>
      Promise.all([store.history(userId, historyLimit), store.mayPersonalise(userId)]),
    )
    if (found === undefined) return { history: [], mayPersonalise: true, storeFailed: true }
    const [history, mayPersonalise] = found
    return { history: mayPersonalise ? history : [], mayPersonalise, storeFailed: false }
  }

  #emptyCatalogue(): AppError {
    return (
      this.#store.error ??
      new AppError(
        'STORE_FAILED',
        'The online store holds no contents to recommend. Import dim_content, then run `contentflow features build` and `contentflow features materialise`.',
      )
    )
  }
}

/** @param mayRank false for a model whose network was refused: then only its lists speak */
function plan(
  userId: string,
  known: Known,
  model: LoadedModel<'recommender'> | undefined,
  mayRank: boolean,
  { catalogue, trending, retriever }: CatalogueView,
  now: number,
): Plan {
  const { history, mayPersonalise } = known
  const inModel = mayRank && (model?.payload.userIndex.has(userId) ?? false)
  const saysSomething = history.some(({ contentId }) => catalogue.indexOf.has(contentId))
  if (model === undefined || !mayPersonalise || !(saysSomething || inModel)) {
    return { userId, ...known, candidates: undefined, question: undefined }
  }
  const candidates = retriever.retrieve(history, model, trending, now)
  const question = mayRank ? rankingQuestion(model, catalogue, userId, history, candidates) : undefined
  return { userId, ...known, candidates, question }
}

/** @param lacking what to say of a recommender that is missing or refused */
function finish(
  { userId, history, mayPersonalise, storeFailed, candidates, question }: Plan,
  logits: Float32Array | undefined,
  model: LoadedModel<'recommender'> | undefined,
  lacking: Fallback | null,
  view: CatalogueView,
  limit: number,
  now: number,
): Recommendation {
  const { catalogue, trending } = view
  const reference = model === undefined ? null : referenceOf(model)
  const away = storeFailed ? fallback('store-unavailable') : null
  if (candidates === undefined) {
    const items = fallbackList(history, model, catalogue, trending, limit, now)
    const withoutModel = model === undefined ? lacking : null
    const nobody = history.length === 0 ? fallback('unknown-user') : fallback('unknown-user', unknownHistory)
    const reason = mayPersonalise ? (withoutModel ?? nobody) : fallback('not-personalised')
    return { userId, items, model: reference, ranking: 'trending', fallback: away ?? seenAll(items) ?? reason }
  }
  const { scores, network } = blend(candidates, question, logits)
  const items: RecommendedItem[] = reRank(candidates.items, scores, limit, catalogue, now).map((position) => ({
    index: candidates.items[position]!,
    score: scores[position]!,
    reason: reasonOf(candidates, position, network[position]!, history, catalogue),
  }))
  if (items.length < limit) {
    // A small catalogue: whatever else there is, below what was ranked.
    const have = new Set(items.map((item) => item.index))
    const more = fallbackList(history, model, catalogue, trending, limit + have.size, now)
    const lowest = items.at(-1)?.score ?? 0
    for (const item of more) {
      if (items.length < limit && !have.has(item.index)) items.push({ ...item, score: lowest })
    }
  }
  const ranking = question === undefined ? 'neighbours' : 'model'
  return { userId, items, model: reference, ranking, fallback: away ?? seenAll(items) ?? lacking }
}

const unknownHistory = 'None of the contents that this user had is in the catalogue; these are the contents that trend.'

const seenAll = (items: readonly unknown[]): Fallback | null =>
  items.length === 0 ? fallback('everything-seen') : null
