import { z } from 'zod'
import { modelNames } from '../artifact/manifest.ts'
import type { AuditEntry } from './model-registry.ts'

export const auditEntrySchema = z.strictObject({
  at: z.iso.datetime(),
  model: z.enum(modelNames),
  action: z.enum(['register', 'promote', 'refuse', 'rollback']),
  version: z.number().int().min(1),
  previousChampion: z.number().int().min(1).nullable(),
  actor: z.string(),
  reason: z.string(),
}) satisfies z.ZodType<AuditEntry>

/**
 * The champions a rollback can go back through, current one last: a promotion adds one, a rollback takes the last away.
 *
 * @param entries of one model, oldest first
 */
export function championChain(entries: readonly AuditEntry[]): number[] {
  const chain: number[] = []
  for (const { action, version } of entries) {
    if (action === 'promote' && chain.at(-1) !== version) chain.push(version)
    if (action === 'rollback') {
      chain.pop()
      // A rollback names its target; trust it over the chain if lines of the log were lost.
      if (chain.at(-1) !== version) chain.push(version)
    }
  }
  return chain
}

/** The value of a JSON text; undefined for a text that is none, e.g. a line that a kill cut off. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
