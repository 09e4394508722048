import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a finished file take its place: after this, a crash or a power cut shows either the old state or the whole new file.
 *
 * @param from the finished file, in the folder's own file system
 */
export async function commitFile(from: string, to: string): Promise<void> {
  await flush(from)
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
  await flush(dirname(to))
}

/** Writes a small file so that readers see the old or the new content, never a part. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.writing`
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(content)
    } finally {
      await handle.close()
    }
    await commitFile(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
