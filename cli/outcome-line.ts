import type { TrainOutcome } from '../training/jobs/train-models.ts'

/** One line on how the training of a model ended. */
export function outcomeLine(outcome: TrainOutcome): string {
  const title = `${outcome.model.padEnd(13)} ${outcome.seconds.toFixed(0).padStart(4)} s  `
  if ('error' in outcome) return `${title}failed: ${outcome.error.code}: ${outcome.error.message}`
  const { version, promoted, reason } = outcome.result
  return `${title}version ${version} ${promoted ? 'is champion' : 'stays challenger'}: ${reason}`
}

/** How the training of a model ended, for a script. */
export function outcomeJson(outcome: TrainOutcome): object {
  const { model, seconds } = outcome
  if ('result' in outcome) return { model, seconds, ...outcome.result }
  const { code, message, details } = outcome.error
  return { model, seconds, error: { code, message, details } }
}
