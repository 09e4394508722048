import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { appendDurably } from '../artifact/durable-files.ts'
import { auditEntrySchema, tryJson } from './audit.ts'
import type { Alias, AuditEntry } from './model-registry.ts'

/**
 * aliases.json of a model, the one point of truth: each change is one rename of this file. A version folder above `lastVersion`
 * was never registered to its end; the last audit entry stands here too, until its line is known to be in audit.ndjson.
 */
const stateSchema = z.strictObject({
  lastVersion: z.number().int().min(0),
  champion: z.number().int().min(1).nullable(),
  challenger: z.number().int().min(1).nullable(),
  lastEntry: auditEntrySchema.nullable(),
  /** sha256 of each version's manifest at its registration, by version; versions of before this was kept have none. */
  manifestSha256: z.record(z.string().regex(/^\d+$/), z.string().length(64)).default({}),
})
export type State = z.infer<typeof stateSchema>

const emptyState: State = { lastVersion: 0, champion: null, challenger: null, lastEntry: null, manifestSha256: {} }

/** The aliases that point at a version. */
export function aliasesOf(state: State, version: number): Alias[] {
  const aliases: Alias[] = []
  if (state.champion === version) aliases.push('champion')
  if (state.challenger === version) aliases.push('challenger')
  return aliases
}

/**
 * The state of one model; empty where the model has no versions yet.
 *
 * @throws AppError REGISTRY_FAILED when aliases.json is damaged
 */
export async function readState(modelDir: string): Promise<State> {
  const path = join(modelDir, 'aliases.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return emptyState
    throw error
  }
  try {
    return stateSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new AppError(
      'REGISTRY_FAILED',
      `${path} is damaged: expected {lastVersion, champion, challenger, lastEntry}. Restore it from a backup; audit.ndjson beside it tells which versions were champion.`,
      { cause: error },
    )
  }
}

/** The audit log of one model, oldest first; a line that a kill cut off is the entry in `state`, so nothing is lost. */
export async function readAudit(modelDir: string, state: State): Promise<AuditEntry[]> {
  const text = await readFile(join(modelDir, 'audit.ndjson'), 'utf8').catch(() => '')
  const entries: AuditEntry[] = []
  for (const line of text.split('\n')) {
    const parsed = auditEntrySchema.safeParse(tryJson(line))
    if (parsed.success) entries.push(parsed.data)
  }
  const last = state.lastEntry
  // Looked for anywhere: another process may have added lines since `state` was read.
  if (last !== null && !entries.some((entry) => JSON.stringify(entry) === JSON.stringify(last))) entries.push(last)
  return entries
}

/**
 * Finishes or removes what a killed process left: the missing audit line, a state that was written and not put in place, folders that
 * never became a version. Needs the lock.
 */
export async function settle(modelDir: string, state: State): Promise<void> {
  const path = join(modelDir, 'audit.ndjson')
  const text = await readFile(path, 'utf8').catch(() => '')
  const line = JSON.stringify(state.lastEntry)
  if (state.lastEntry !== null && text.trimEnd().split('\n').at(-1) !== line) {
    if (text !== '' && !text.endsWith('\n')) await appendDurably(path, '') // ends the cut-off line
    await appendDurably(path, line)
  }
  for (const name of await readdir(modelDir)) {
    if (name.startsWith('aliases.json.tmp-')) await rm(join(modelDir, name), { force: true })
  }
  for (const name of await readdir(join(modelDir, 'versions'))) {
    if (!/^\d+$/.test(name) || Number(name) > state.lastVersion) {
      await rm(join(modelDir, 'versions', name), { recursive: true, force: true })
    }
  }
}
