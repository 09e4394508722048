import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { Logger } from '../log.ts'

const holderSchema = z.object({ pid: z.number().int().positive(), since: z.string() })
type Holder = z.infer<typeof holderSchema>

/** The lock that all pipelines of one DATA_DIR share: two at once would fight over the warehouse and train on half of the news. */
export const pipelineLock = (dataDir: string): string => join(dataDir, 'pipeline.lock')

/**
 * Holds a lock file with this process's id while `body` runs: two processes do not do the same thing at once. A lock whose process is
 * gone is taken over, and that is logged.
 *
 * @throws AppError CONFLICT when another living process holds it
 */
export async function withProcessLock<T>(path: string, what: string, log: Logger, body: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  await acquire(path, what, log)
  try {
    return await body()
  } finally {
    await rm(path, { force: true })
  }
}

async function acquire(path: string, what: string, log: Logger): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await create(path)) return
    const holder = await readHolder(path)
    // Our own id in the file is a leftover too: containers give every process the same id after a restart.
    if (holder !== undefined && holder.pid !== process.pid && isRunning(holder.pid)) {
      throw new AppError(
        'CONFLICT',
        `Expected no other ${what}; process ${holder.pid} runs one since ${holder.since}. Wait until it has finished, or stop it.`,
        { details: { path, ...holder } },
      )
    }
    log.warn({ path, holder }, `taking over the lock of a ${what} that is gone`)
    await rm(path, { force: true })
  }
  throw new AppError('CONFLICT', `Another ${what} took the lock ${path} at the same moment. Run this again.`)
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    const holder: Holder = { pid: process.pid, since: new Date().toISOString() }
    await file.writeFile(JSON.stringify(holder))
    await file.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined // cut off while being written, or removed since: nobody holds it
  }
}

/** Whether a process of that id is alive; one of another user counts. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
