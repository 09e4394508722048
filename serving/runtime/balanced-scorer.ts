import { goldenInputs } from '../../models/artifact/golden.ts'
import type { Manifest } from '../../models/artifact/manifest.ts'
import { readGolden, readManifest } from '../../models/artifact/read-artifact.ts'
import type { OpenScorer, Scorer, Tensor, Tensors } from '../../models/scorer.ts'
import { joinedScorer } from './joined-scorer.ts'
import type { ScorerThread } from './scorer-thread.ts'

/** Longest run that may hold up the event loop, milliseconds: handing a batch to the thread and back costs about 0.3 ms itself. */
const longestInlineMs = 4
const leastCalibrationRows = 8
const mostCalibrationRows = 256
const calibrationRuns = 5

/**
 * A scorer that runs short batches at once, those of tables together, and hands long ones to the thread. What is long follows from the
 * network's own speed, measured here on its golden batch; the same runs warm it up.
 *
 * @throws AppError ARTIFACT_INVALID
 */
export async function openBalancedScorer(
  artifactDir: string,
  openScorer: OpenScorer,
  thread: ScorerThread,
): Promise<Scorer> {
  const session = await openScorer(artifactDir)
  const manifest = await readManifest(artifactDir)
  const longestInlineRows = longestInlineMs / (await millisecondsPerRow(artifactDir, manifest, session))
  const inline = readsTable(manifest) ? joinedScorer(session, longestInlineRows) : session
  return {
    score: (inputs) =>
      batchSize(inputs) <= longestInlineRows ? inline.score(inputs) : thread.score(artifactDir, inputs),
    async close() {
      await thread.release(artifactDir)
      await inline.close()
    },
  }
}

/** Whether a network reads one example a row, see models/payloads/tabular.ts; recommenders read histories and candidates. */
const readsTable = ({ inputs }: Manifest): boolean =>
  inputs.every(({ name }) => name === 'numeric' || name === 'categorical')

const batchSize = (inputs: Tensors): number => Object.values(inputs)[0]?.shape[0] ?? 0

/** Over as many rows as it takes to fill the time of a short run: a slow network would hold up the event loop for seconds with all of them. */
async function millisecondsPerRow(artifactDir: string, manifest: Manifest, scorer: Scorer): Promise<number> {
  const golden = goldenInputs(await readGolden(artifactDir), manifest)
  for (let rows = leastCalibrationRows; ; rows *= 2) {
    const batch = Object.fromEntries(Object.entries(golden).map(([name, tensor]) => [name, repeated(tensor, rows)]))
    let fastest = Number.POSITIVE_INFINITY
    for (let run = 0; run < calibrationRuns; run++) {
      const startedAt = performance.now()
      await scorer.score(batch)
      fastest = Math.min(fastest, performance.now() - startedAt)
    }
    if (fastest >= longestInlineMs || rows >= mostCalibrationRows) return fastest / rows
  }
}

/** The first `rows` rows of a tensor repeated over and over. */
function repeated({ shape, data }: Tensor, rows: number): Tensor {
  const width = data.length / Math.max(1, shape[0] ?? 1)
  const size = rows * width
  const more = data instanceof Float32Array ? new Float32Array(size) : new Int32Array(size)
  for (let i = 0; i < size; i++) more[i] = data[i % data.length] ?? 0
  return { shape: [rows, ...shape.slice(1)], data: more }
}
