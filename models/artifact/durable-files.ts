import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file and waits until it is on the disk. @throws the system's error, e.g. ENOSPC */
export async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(data)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Replaces a file in one step: a reader sees the old content or the new, and a kill leaves one of them. */
export async function replaceDurably(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp-${randomUUID()}`
  try {
    await writeDurably(temporary, data)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Appends one line and waits until it is on the disk. */
export async function appendDurably(path: string, line: string): Promise<void> {
  const handle = await open(path, 'a')
  try {
    await handle.writeFile(`${line}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the names in a folder durable (a rename is not, until its folder is synced). Windows cannot, and needs no such thing. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
