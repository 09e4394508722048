import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureService } from '../../../features/definitions/index.ts'
import type { Manifest } from '../../../models/artifact/manifest.ts'
import { inputColumns } from '../../../serving/runtime/input-columns.ts'
import { loadTabular } from '../../../serving/runtime/load-tabular.ts'
import { writeEngagement } from '../../support/small-tabular-artifacts.ts'

let folder: string
let dir: string
let manifest: Manifest
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'load-tabular-'))
  dir = join(folder, 'artifact')
  manifest = await writeEngagement(dir)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('loadTabular', () => {
  it('knows where each column of the inputs comes from, and what a person calls it', async () => {
    const { columns, grouped, background } = await loadTabular(dir, manifest)
    // title_words is the second number of a draft; the model's others are the first of the creator's features and an early count.
    expect(columns.numeric).toEqual([
      { source: 'draft', at: 1 },
      { source: 'store', at: 0 },
      { source: 'early', at: -1 },
    ])
    expect(grouped.groups).toEqual(['title', 'typical-result', 'early', 'platform'])
    expect([...grouped.numeric]).toEqual([0, 1, 2])
    expect(background).toMatchObject({ rowCount: 2, numeric: Float32Array.of(1, 0, 50, 5, 0, 250) })
  })

  it('loads a model of before there was a background', async () => {
    expect((await loadTabular(dir, { ...manifest, arrays: {} })).background).toBeUndefined()
  })

  it('refuses a background that is not of the model’s inputs', async () => {
    const { backgroundNumeric } = manifest.arrays
    const arrays = { ...manifest.arrays, backgroundNumeric: { ...backgroundNumeric!, shape: [6, 1] } }
    await expect(loadTabular(dir, { ...manifest, arrays })).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringContaining('6,1 | 2,1 | 2,0,0; expected 6,3 | 6,1 | 6,0,0'),
    })
  })
})

describe('inputColumns', () => {
  it.each(['draft', 'store'] as const)('refuses a field of the source %s that nobody computes', (source) => {
    const field = { name: 'moon_phase', source, unit: 'share', description: '' }
    const features = { numeric: [field], categorical: [], texts: null, targets: [], definition: '' }
    const find = () => inputColumns(features, featureService('engagement'))
    expect(find).toThrow(`the ${source} field moon_phase, which this version does not compute`)
  })
})
