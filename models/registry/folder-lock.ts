import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../errors.ts'

export interface LockOptions {
  /** How long to wait for another process, ms. */
  readonly waitMs?: number
  /** A lock of another host, whose process cannot be looked up, counts as left behind after this long without a sign of life, ms. */
  readonly staleMs?: number
  /** What the lock is held for, e.g. `features build`: whoever is refused is told. */
  readonly what?: string
  /** Told before a lock that was left behind is removed. */
  readonly onTakeOver?: (owner: LockOwner) => void
}

interface LockOwner {
  readonly pid: number
  readonly host: string
  readonly token: string
  /** ISO 8601, UTC. */
  readonly since?: string
  readonly what?: string | undefined
}

/** The lock of a whole DATA_DIR, in it: whoever writes the warehouse, the features or the online store holds it. */
export const dataDirLock = 'pipeline.lock'

/** How often a holder gives a sign of life, ms: far below `staleMs`, as training may keep the event loop busy for a while. */
const beatMs = 30_000

const heldHere = new Set<string>()

/**
 * Runs `work` while holding a lock folder, which only one process at a time can. A lock whose process is dead is taken over.
 *
 * The folder comes into being by renaming a folder that already names its owner: there is no moment at which it has none.
 *
 * @param path the lock folder, e.g. `registry/recommender/.lock`; its parent must exist
 * @throws AppError CONFLICT when another process keeps it longer than `waitMs`
 */
export async function withFolderLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { waitMs = 60_000, staleMs = 600_000, what, onTakeOver } = options
  const owner: LockOwner = { pid: process.pid, host: hostname(), token: randomUUID(), what }
  const until = Date.now() + waitMs
  heldHere.add(owner.token)
  try {
    while (!(await tryTake(path, owner))) {
      if (await isLeftBehind(path, staleMs)) await removeStale(path, staleMs, onTakeOver)
      else if (Date.now() > until) throw busy(path, await readOwner(path))
      else await sleep(20 + Math.random() * 30)
    }
    const beat = setInterval(() => void giveSignOfLife(path), beatMs).unref()
    try {
      return await work()
    } finally {
      clearInterval(beat)
      await release(path, owner)
    }
  } finally {
    heldHere.delete(owner.token)
  }
}

async function tryTake(path: string, owner: LockOwner): Promise<boolean> {
  const temporary = `${path}.${owner.token}`
  await mkdir(temporary)
  await writeFile(join(temporary, 'owner.json'), JSON.stringify({ ...owner, since: new Date().toISOString() }))
  try {
    await rename(temporary, path)
    return true
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM') return false
    throw error
  }
}

async function isLeftBehind(path: string, staleMs: number): Promise<boolean> {
  const owner = await readOwner(path)
  if (owner === undefined) return false // just released: try to take it
  if (owner.host === hostname()) {
    // Our own pid without our token: an earlier process that had the same number, as in a restarted container.
    return owner.pid === process.pid ? !heldHere.has(owner.token) : !isAlive(owner.pid)
  }
  const since = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now()
  return Date.now() - since > staleMs
}

/** Two processes may find the same stale lock: only the one that holds the guard looks again and removes it. */
async function removeStale(path: string, staleMs: number, onTakeOver: LockOptions['onTakeOver']): Promise<void> {
  const guard = `${path}-takeover`
  try {
    await mkdir(guard)
  } catch {
    const since = (await stat(guard).catch(() => undefined))?.mtimeMs ?? Date.now()
    if (Date.now() - since > 10_000) await rm(guard, { recursive: true, force: true }) // killed while taking over
    await sleep(20)
    return
  }
  try {
    const owner = await readOwner(path)
    if (owner === undefined || !(await isLeftBehind(path, staleMs))) return
    onTakeOver?.(owner)
    await takeAway(path)
  } finally {
    await rm(guard, { recursive: true, force: true })
  }
}

/** Other hosts tell by the folder's time whether it is still held. A lock deleted by hand has none: that is no reason to fail. */
const giveSignOfLife = (path: string): Promise<void> => utimes(path, new Date(), new Date()).catch(() => undefined)

/** Leaves the lock of another process alone: ours may have been deleted by hand, and taken since. */
async function release(path: string, owner: LockOwner): Promise<void> {
  if ((await readOwner(path))?.token === owner.token) await takeAway(path)
}

/**
 * Removes a lock in one step. Emptied first, as a recursive deletion does it, it could be taken by another process, whose lock the
 * deletion would then remove.
 */
async function takeAway(path: string): Promise<void> {
  const aside = `${path}.released-${randomUUID()}`
  await rename(path, aside)
  await rm(aside, { recursive: true, force: true })
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(join(path, 'owner.json'), 'utf8')) as LockOwner
  } catch {
    return undefined
  }
}

/** Whether a process of this machine exists; one of another user counts as alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function busy(path: string, owner: LockOwner | undefined): AppError {
  const { pid = 'unknown', host = 'unknown', since = 'an unknown time', what = 'a lock' } = owner ?? {}
  return new AppError(
    'CONFLICT',
    `${dirname(path)} is locked by process ${pid} on ${host}: ${what}, since ${since}. Wait until it is done; if that process is gone, or its number belongs to another program by now, delete the folder ${path}.`,
    { details: { path, pid, host, since, what } },
  )
}
