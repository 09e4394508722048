import type { TrainOutcome } from '../training/jobs/train-models.ts'

/** One line on how the training of a model ended. */
export function outcomeLine(outcome: TrainOutcome): string {
  const title = `${outcome.model.padEnd(13)} ${outcome.seconds.toFixed(0).padStart(4)} s  `
  if ('error' in outcome) return `${title}failed: ${outcome.error.code}: ${outcome.error.message}`
  const { version, promoted, reason } = outcome.result
  return `${title}version ${version} ${promoted ? 'is champion' : 'stays challenger'}: ${reason}`
}
