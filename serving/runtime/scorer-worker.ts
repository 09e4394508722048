import { parentPort } from 'node:worker_threads'
import { toAppError } from '../../errors.ts'
import type { Scorer, Tensors } from '../../models/scorer.ts'
import { openScorer } from './open-scorer.ts'

/** What the service asks of the scoring thread. */
export type ScorerRequest =
  | { readonly id: number; readonly kind: 'score'; readonly artifactDir: string; readonly inputs: Tensors }
  | { readonly id: number; readonly kind: 'close'; readonly artifactDir: string }

/** What it answers. */
export type ScorerReply =
  | { readonly id: number; readonly outputs: Tensors }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } }

const open = new Map<string, Promise<Scorer>>()

async function answer(request: ScorerRequest): Promise<ScorerReply> {
  try {
    if (request.kind === 'close') {
      const scorer = open.get(request.artifactDir)
      open.delete(request.artifactDir)
      await (await scorer)?.close()
      return { id: request.id, outputs: {} }
    }
    let scorer = open.get(request.artifactDir)
    if (scorer === undefined) {
      scorer = openScorer(request.artifactDir)
      open.set(request.artifactDir, scorer)
    }
    return { id: request.id, outputs: await (await scorer).score(request.inputs) }
  } catch (thrown) {
    const { code, message } = toAppError(thrown)
    return { id: request.id, error: { code, message } }
  }
}

parentPort?.on('message', (request: ScorerRequest) => {
  answer(request).then((reply) => parentPort?.postMessage(reply))
})
