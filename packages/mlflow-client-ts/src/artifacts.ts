import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { MlflowInputError } from './errors.ts'
import type { Transport } from './transport.ts'
import type { FileInfo } from './types.ts'

const prefix = '/api/2.0/mlflow-artifacts/artifacts'
const fileTimeoutMs = 300_000

/**
 * Files of runs and logged models, through the server's artifact proxy.
 *
 * Every method takes the `artifactUri` of the run or model, and a path below it with `/` between folders.
 */
export class Artifacts {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Replaces what was there; folders are made. */
  async upload(artifactUri: string, path: string, content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    await this.#put(artifactUri, path, () => bytes)
  }

  /** Streams a file from the disk; memory does not grow with its size. */
  async uploadFile(artifactUri: string, path: string, file: string): Promise<void> {
    await this.#put(artifactUri, path, async () => Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>)
  }

  /** The whole content. @throws MlflowNotFoundError */
  download(artifactUri: string, path: string): Promise<Uint8Array> {
    const read = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer())
    return this.#transport.send('GET', location(artifactUri, path), fileCall, read)
  }

  /** Streams into a file, which appears only when it is complete. @throws MlflowNotFoundError */
  async downloadFile(artifactUri: string, path: string, file: string): Promise<void> {
    const temporary = `${file}.part-${process.pid}`
    try {
      await this.#transport.send('GET', location(artifactUri, path), fileCall, async ({ body }) => {
        const content = body === null ? Readable.from([]) : Readable.fromWeb(body as NodeReadableStream)
        await pipeline(content, createWriteStream(temporary))
      })
      await rename(temporary, file)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** The entries of one folder, names relative to it; none for a folder that does not exist. */
  async list(artifactUri: string, folder = ''): Promise<readonly FileInfo[]> {
    const query = { path: decodeURIComponent(location(artifactUri, folder).slice(prefix.length + 1)) }
    const reply = await this.#transport.json<{ files?: FileInfo[] }>('GET', prefix, { query, repeatable: true })
    return reply.files ?? []
  }

  /** All files below a folder, depth first, paths relative to `artifactUri`. */
  async *walk(artifactUri: string, folder = ''): AsyncGenerator<FileInfo> {
    for (const entry of await this.list(artifactUri, folder)) {
      const path = folder === '' ? entry.path : `${folder}/${entry.path}`
      if (entry.isDir) yield* this.walk(artifactUri, path)
      else yield { ...entry, path }
    }
  }

  /** A file or a whole folder; nothing happens when it does not exist. */
  async delete(artifactUri: string, path: string): Promise<void> {
    await this.#transport.json('DELETE', location(artifactUri, path), { repeatable: true })
  }

  #put(
    artifactUri: string,
    path: string,
    raw: () => Promise<ReadableStream<Uint8Array>> | Uint8Array,
  ): Promise<string> {
    const call = { raw, repeatable: true, timeoutMs: fileTimeoutMs }
    return this.#transport.send('PUT', location(artifactUri, path), call, (response) => response.text())
  }
}

const fileCall = { repeatable: true, timeoutMs: fileTimeoutMs } as const

/** The proxy's path of a file, each segment encoded. */
function location(artifactUri: string, path: string): string {
  const match = /^mlflow-artifacts:(?:\/\/[^/]+)?\/(.+)$/.exec(artifactUri)
  if (match === null) {
    throw new MlflowInputError(
      'artifacts',
      `artifacts: expected mlflow-artifacts:/…, got ${artifactUri}: this server does not proxy its artifacts. Start it with --artifacts-destination.`,
    )
  }
  const segments = `${match[1]}/${path}`.split('/').filter((segment) => segment !== '')
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new MlflowInputError('artifacts', `artifacts: ${path} leaves its folder; expected a path without . and ..`)
  }
  return `${prefix}/${segments.map(encodeURIComponent).join('/')}`
}
