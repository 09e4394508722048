import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  readArtifactArray,
  readArtifactJson,
  readGolden,
  readManifest,
  verifyArtifact,
} from '../../../models/artifact/read-artifact.ts'
import { writeArtifact } from '../../../models/artifact/write-artifact.ts'
import { metricRow, sampleArtifact } from '../../support/sample-artifact.ts'

let parent: string
let dir: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'artifact-'))
  dir = join(parent, 'artifact')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

/** Changes manifest.json as a text. */
async function editManifest(from: string, to: string): Promise<void> {
  const path = join(dir, 'manifest.json')
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
}

describe('writeArtifact', () => {
  it('writes what readers get back', async () => {
    const manifest = await writeArtifact(dir, sampleArtifact({ factor: 3 }))
    expect(await verifyArtifact(dir)).toEqual(manifest)
    expect(await readArtifactArray(dir, manifest, 'neighbours')).toEqual({
      shape: [2, 3],
      data: Int32Array.of(1, 2, -1, 0, 2, -1),
    })
    const vocabulary = await readArtifactJson(dir, 'vocabulary.json', z.object({ items: z.array(z.string()) }))
    expect(vocabulary.items).toEqual(['content-1', 'content-2'])
    expect((await readGolden(dir)).outputs.y?.data).toEqual([3, 6, 9, 12])
  })

  it('stores arrays little-endian, as any other language would read them', async () => {
    await writeArtifact(dir, sampleArtifact())
    const bytes = await readFile(join(dir, 'neighbours.int32'))
    expect([bytes.readInt32LE(0), bytes.readInt32LE(4), bytes.readInt32LE(8)]).toEqual([1, 2, -1])
  })

  it('keeps missing values of the golden batch', async () => {
    const content = sampleArtifact()
    const golden = { ...content.golden, inputs: { x: { shape: [2, 2], data: [Number.NaN, 2, 3, 4] } } }
    await writeArtifact(dir, { ...content, golden })
    expect((await readGolden(dir)).inputs.x?.data).toEqual([Number.NaN, 2, 3, 4])
  })

  it('leaves nothing behind when a metric is not a number', async () => {
    const content = sampleArtifact()
    const broken = { ...content, manifest: { ...content.manifest, metrics: [metricRow(Number.NaN)] } }
    await expect(writeArtifact(dir, broken)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
    expect(await readdir(parent)).toEqual([])
  })

  it('does not overwrite an artifact', async () => {
    await writeArtifact(dir, sampleArtifact({ factor: 1 }))
    await expect(writeArtifact(dir, sampleArtifact({ factor: 2 }))).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await verifyArtifact(dir)).config).toEqual({ factor: 1 })
  })

  it('refuses an array whose shape is not its length', async () => {
    const arrays = { a: { shape: [2, 2], data: Float32Array.of(1, 2, 3) } }
    await expect(writeArtifact(dir, { ...sampleArtifact(), arrays })).rejects.toThrow('is 4 elements, but holds 3')
  })

  it('refuses a file name that leaves the folder', async () => {
    await expect(writeArtifact(dir, { ...sampleArtifact(), json: { '../x.json': 1 } })).rejects.toThrow(
      'plain file name',
    )
  })
})

describe('verifyArtifact', () => {
  beforeEach(async () => {
    await writeArtifact(dir, sampleArtifact())
  })

  it('names a file that was cut off, and both sizes', async () => {
    await truncate(join(dir, 'neighbours.int32'), 20)
    await expect(verifyArtifact(dir)).rejects.toThrow(/neighbours\.int32: expected 24 bytes, got 20\. Fetch/)
  })

  it('names a file that was changed without changing its size', async () => {
    const path = join(dir, 'model.onnx')
    const bytes = await readFile(path)
    bytes[bytes.length - 1]! ^= 1
    await writeFile(path, bytes)
    await expect(verifyArtifact(dir)).rejects.toThrow(/model\.onnx: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}/)
  })

  it('names a file that is missing', async () => {
    await rm(join(dir, 'golden.json'))
    await expect(verifyArtifact(dir)).rejects.toThrow('there is no such file')
  })

  it('says which format version it can read', async () => {
    await editManifest('"formatVersion": 1', '"formatVersion": 2')
    await expect(verifyArtifact(dir)).rejects.toThrow('expected format version 1, got 2')
  })

  it('names the field that breaks the schema', async () => {
    await editManifest('"seed": 1', '"seed": "one"')
    await expect(readManifest(dir)).rejects.toThrow(/manifest\.json: seed: .*expected/)
  })

  it('does not follow a manifest out of the folder', async () => {
    await editManifest('"golden.json": {', '"../golden.json": {')
    await expect(verifyArtifact(dir)).rejects.toThrow('is not a plain name')
  })

  it('recognises a manifest that was cut off', async () => {
    await truncate(join(dir, 'manifest.json'), 100)
    await expect(readManifest(dir)).rejects.toThrow('is not JSON (100 bytes; cut off?)')
  })

  it('refuses a folder that is no artifact', async () => {
    await expect(readManifest(parent)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
  })
})
