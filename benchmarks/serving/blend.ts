import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../config.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import type { ContentCard, HistoryEvent } from '../../features/store/online-store.ts'
import { openOfflineStore } from '../../features/store/open-offline-store.ts'
import { silentLogger } from '../../log.ts'
import { writeArtifact } from '../../models/artifact/write-artifact.ts'
import { silentProgress } from '../../progress.ts'
import { catalogueOf } from '../../serving/recommend/catalogue.ts'
import { blend, rankingQuestion, scoreQuestions } from '../../serving/recommend/rank.ts'
import { Retriever } from '../../serving/recommend/retrieve.ts'
import { TopK } from '../../serving/recommend/top-k.ts'
import { Trending } from '../../serving/recommend/trending.ts'
import { loadPayload } from '../../serving/runtime/load-payload.ts'
import type { LoadedModel } from '../../serving/runtime/loaded-model.ts'
import { openScorer } from '../../serving/runtime/open-scorer.ts'
import { defaultNextItem } from '../../training/classical/next-item.ts'
import { historyOf, type Interactions } from '../../training/datasets/interactions.ts'
import { type HeldOut, splitLeaveLast } from '../../training/datasets/interactions-split.ts'
import { readInteractions } from '../../training/datasets/read-interactions.ts'
import { comparePaired } from '../../training/evaluation/bootstrap.ts'
import { ndcg } from '../../training/evaluation/ndcg.ts'
import { recommenderJob } from '../../training/jobs/recommender.ts'
import { retrievalArrays } from '../../training/jobs/recommender-payload.ts'
import { openLocalTracker } from '../../training/tracking/local-tracker.ts'

// How much should retrieval count against the network, and what goes together against what follows? See README.md beside this file.

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: './data' },
    /** Judge these weights on the test items, once, instead of trying all on the validation items. */
    test: { type: 'boolean', default: false },
    retrieval: { type: 'string', default: '0,0.5,1,2,4,8,1000' },
    similar: { type: 'string', default: '0,0.1,0.25,0.5,1,2' },
  },
})
const numbers = (text: string): number[] => text.split(',').map(Number)
const seed = 42
const k = 10

const config = loadConfig({ DATA_DIR: values.data })
const source = await openMartSource(config)
const offline = await openOfflineStore(config)
const scratch = await mkdtemp(join(tmpdir(), 'contentflow-blend-'))

/** The recommender of the product's own job; its lists are fitted on `fitted` alone, and with `refit=false` so is its network. */
async function trainedModel(fitted: Interactions, refit: boolean): Promise<LoadedModel<'recommender'>> {
  const tracker = await openLocalTracker(join(scratch, 'runs'), silentLogger)
  const run = await tracker.start({ job: 'recommender', parameters: {}, tags: {} })
  const context = {
    source,
    offline,
    tracker: run,
    progress: silentProgress,
    log: silentLogger,
    signal: new AbortController().signal,
    seed,
    backend: config.tfjsBackend,
    workDir: scratch,
    resume: false,
  }
  const trained = await recommenderJob.run(context, recommenderJob.config.parse({ refit }))
  const dir = join(scratch, 'artifact')
  const manifest = await writeArtifact(dir, {
    ...trained,
    arrays: retrievalArrays(fitted, { halfLifeDays: Number.POSITIVE_INFINITY, nextItem: defaultNextItem }),
    manifest: {
      ...trained.manifest,
      model: 'recommender',
      createdAt: new Date().toISOString(),
      runId: run.runId,
      seed,
      gitSha: null,
      metrics: [...trained.metrics],
    },
  })
  await run.finish('FINISHED')
  const payload = await loadPayload('recommender', dir, manifest)
  return { name: 'recommender', version: 1, manifest, payload, scorer: await openScorer(dir) }
}

/** Every item as a content: published when it was first seen, trending as often as it was seen in `fitted`. */
function catalogueFrom(fitted: Interactions) {
  const seen = new Float64Array(fitted.items.length)
  const first = new Float64Array(fitted.items.length).fill(Number.POSITIVE_INFINITY)
  for (const [at, item] of fitted.itemIndices.entries()) {
    seen[item]!++
    first[item] = Math.min(first[item]!, fitted.times[at]!)
  }
  const card = (contentId: string, item: number): ContentCard => ({
    contentId,
    title: '',
    creatorId: '',
    creatorName: '',
    platform: '',
    category: '',
    language: '',
    durationSeconds: null,
    publishedAt: Number.isFinite(first[item]!) ? first[item]! : 0,
    trendingScore: seen[item]!,
  })
  const asOf = fitted.times.reduce((latest, time) => Math.max(latest, time), 0)
  return catalogueOf(fitted.items.map(card), [], { version: 'benchmark', synthetic: false, asOf })
}

/** A user's history as the online store gives it. */
const eventsOf = (fitted: Interactions, user: number): HistoryEvent[] =>
  Array.from(historyOf(fitted, user), (item, at) => ({
    eventId: String(at),
    contentId: fitted.items[item]!,
    eventType: 'view' as const,
    occurredAt: fitted.times[fitted.offsets[user]! + at]!,
  })).slice(-500)

interface Judged {
  readonly similar: number
  readonly retrieval: number
  readonly perUser: Float64Array
}

/** NDCG@10 per user for each pair of weights, and the share of users whose held-out item is a candidate at all, per similar weight. */
async function judge(model: LoadedModel<'recommender'>, fitted: Interactions, heldOut: HeldOut) {
  const catalogue = catalogueFrom(fitted)
  const trending = new Trending(catalogue)
  const judged: Judged[] = []
  const reached = new Map<number, number>()
  for (const similar of numbers(values.similar)) {
    const retriever = new Retriever(catalogue, similar)
    const weights = numbers(values.retrieval)
    const perUser = weights.map(() => new Float64Array(heldOut.users.length))
    let found = 0
    for (const [i, user] of heldOut.users.entries()) {
      const relevant = new Set(heldOut.items[i])
      const history = eventsOf(fitted, user)
      const candidates = retriever.retrieve(history, model, trending, catalogue.asOf)
      const question = rankingQuestion(model, catalogue, fitted.users[user]!, history, candidates)!
      const [logits] = await scoreQuestions(model, catalogue, [question])
      if (candidates.items.some((item) => relevant.has(item))) found++
      for (const [w, weight] of weights.entries()) {
        const { scores } = blend(candidates, question, logits, weight)
        const best = new TopK(k)
        for (const [at, score] of scores.entries()) best.offer(candidates.items[at]!, score)
        perUser[w]![i] = ndcg(best.drain(), relevant, k)
      }
    }
    reached.set(similar, found / heldOut.users.length)
    for (const [w, retrieval] of weights.entries()) judged.push({ similar, retrieval, perUser: perUser[w]! })
  }
  return { judged, reached }
}

const mean = (numbers: Float64Array): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length

try {
  const all = await readInteractions(source, { minInteractions: 1, firstOnly: true })
  const split = splitLeaveLast(all)
  const fitted = values.test ? split.trainAndValidation : split.train
  const heldOut = values.test ? split.test : split.validation
  const model = await trainedModel(fitted, values.test)
  const { judged, reached } = await judge(model, fitted, heldOut)
  await model.scorer.close()
  console.log(`NDCG@${k} on the ${values.test ? 'test' : 'validation'} items of ${heldOut.users.length} users`)
  console.log(
    `similar  reached   ${numbers(values.retrieval)
      .map((w) => `r=${w}`.padStart(7))
      .join('')}`,
  )
  for (const [similar, share] of reached) {
    const row = judged.filter((one) => one.similar === similar)
    const cells = row.map(({ perUser }) => mean(perUser).toFixed(4).padStart(7)).join('')
    console.log(`${String(similar).padEnd(8)} ${share.toFixed(3)}     ${cells}`)
  }
  const best = judged.reduce((a, b) => (mean(b.perUser) > mean(a.perUser) ? b : a))
  const { difference } = comparePaired(best.perUser, judged[0]!.perUser, seed)
  console.log(`best: similar ${best.similar}, retrieval ${best.retrieval}: ${mean(best.perUser).toFixed(4)}`)
  console.log(`against similar ${judged[0]!.similar}, retrieval ${judged[0]!.retrieval}: ${JSON.stringify(difference)}`)
} finally {
  await rm(scratch, { recursive: true, force: true })
  await offline.close()
  await source.close()
}
