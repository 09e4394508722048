import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { JobContext, TrainingJob } from '../../training/jobs/job.ts'
import { metricRow, sampleArtifact } from './sample-artifact.ts'

const config = z.object({
  factor: z.number().min(0).max(100).default(2).describe('y = factor·x'),
  metric: z.number().default(0.5).describe('the headline metric it claims'),
  passes: z.boolean().default(true).describe('whether it beats its baseline'),
  /** How far two repeats of a measurement v lie apart: v·(1 ± spread). */
  spread: z.number().default(0),
  championFault: z.string().default(''),
  fault: z.string().default(''),
})
type ScalingConfig = z.infer<typeof config>

/** A job whose model is y = factor·x: the smallest thing that goes all the way from a run to a served artifact. */
export function scalingJob(during?: (context: JobContext) => Promise<void>): TrainingJob {
  const job: TrainingJob<ScalingConfig> = {
    name: 'recommender',
    description: 'Multiplies by a factor.',
    config,
    async run(context, { factor, metric, passes, spread, championFault, fault }) {
      await writeFile(join(context.workDir, 'checkpoint'), context.resume ? 'resumed' : 'fresh')
      context.tracker.metrics({ 'train/loss': 1, 'train/odd@2': Number.NaN }, 1)
      context.tracker.dataset('interactions', 'training', 10, 'abc')
      await during?.(context)
      context.signal.throwIfAborted()
      if (fault !== '') throw new AppError('DATA_INSUFFICIENT', fault)
      const { network, golden, arrays, json, manifest } = sampleArtifact({ factor })
      return {
        network,
        golden,
        arrays,
        json,
        manifest: { ...manifest, config: { factor } },
        metrics: [metricRow(metric)],
        gate: { passed: passes, reason: passes ? 'Beats popularity.' : 'Does not beat popularity.' },
        report: async () => [{ kind: 'text', title: 'What it is', paragraphs: [`y = ${factor}·x`] }],
        evaluateOther: async (_dir, scorer) => {
          if (championFault !== '') throw new AppError(championFault as AppError['code'], 'planted')
          const { y } = await scorer.score({ x: { shape: [1, 2], data: Float32Array.of(1, 0) } })
          const value = y!.data[0]! / 10
          return spread === 0 ? value : [value * (1 + spread), value * (1 - spread)]
        },
      }
    },
  }
  return job as unknown as TrainingJob
}
