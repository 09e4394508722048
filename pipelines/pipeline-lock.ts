import { mkdir, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Logger } from '../log.ts'
import { dataDirLock, withFolderLock } from '../models/registry/folder-lock.ts'

/**
 * Holds the one lock of a DATA_DIR while `body` runs. Every command that writes the warehouse, the features or the online store takes
 * it: two at once would overwrite each other's files. It is taken where a command begins, never in its inner steps.
 *
 * @param dataDir is made when it is not there, and taken away again when `body` leaves nothing in it
 * @param what the command, e.g. `features build`; whoever is refused is told
 * @throws AppError CONFLICT at once when another living process holds it
 */
export async function withPipelineLock<T>(
  dataDir: string,
  what: string,
  log: Logger,
  body: () => Promise<T>,
): Promise<T> {
  const made = await mkdir(dataDir, { recursive: true })
  try {
    return await withFolderLock(join(dataDir, dataDirLock), body, {
      waitMs: 100, // long enough for a lock that is just being released
      what,
      onTakeOver: (owner) => log.warn({ owner }, 'taking over the lock of a process that is gone'),
    })
  } finally {
    if (made !== undefined) await removeEmpty(resolve(dataDir), resolve(made))
  }
}

/** Removes a folder, and those above it up to `top`, as long as they are empty. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch {
    return // something is in it, as it should be
  }
  if (folder !== top) await removeEmpty(dirname(folder), top)
}
