import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createRandom } from '../../training/backend/random.ts'
import type { PartFiles } from '../../training/datasets/table-parts.ts'

const numericCount = 54
const categoryCount = 6
export const featureCount = numericCount + categoryCount

/**
 * Writes a table as marts have them: skewed counts, some values missing, categories of 5 to 500 values, and a target that depends on a
 * quarter of the columns, partly by steps and products; 70 % for training, 15 % each for validation and test.
 */
export async function writeTable(dir: string, rows: number, seed: number): Promise<PartFiles> {
  const random = createRandom(seed)
  const sizes = Array.from({ length: categoryCount }, (_, field) => Math.round(5 * 2.5 ** field))
  const effects = sizes.map((size) => Float64Array.from({ length: size }, () => 0.4 * random.normal()))
  const names = [...Array.from({ length: numericCount }, (_, i) => `n${i}`), ...sizes.map((_, i) => `c${i}`), 'y']
  const files = { train: join(dir, 'train.csv'), valid: join(dir, 'valid.csv'), test: join(dir, 'test.csv') }
  const ends = { train: 0.7, valid: 0.85, test: 1 }
  let row = 0
  for (const part of ['train', 'valid', 'test'] as const) {
    const file = createWriteStream(files[part])
    file.write(`${names.join(',')}\n`)
    for (; row < Math.round(rows * ends[part]); row++) {
      const x = Float64Array.from({ length: numericCount }, () => random.normal())
      const c = sizes.map((size) => Math.floor(size * random.uniform() ** 2))
      const y =
        Math.sin(2 * x[0]!) +
        x[1]! * x[2]! +
        (x[3]! > 0.5 ? 1 : 0) +
        0.5 * x[4]! +
        0.3 * Math.abs(x[5]!) * (x[6]! > 0 ? 1 : -1) +
        0.2 * (x[7]! + x[8]! + x[9]!) +
        c.reduce((sum, value, field) => sum + effects[field]![value]!, 0) +
        random.normal()
      const cells = Array.from(x, (value, i) => {
        if (i % 9 === 8 && random.uniform() < 0.2) return ''
        return i % 3 === 0 ? Math.exp(1.5 * value).toPrecision(6) : value.toPrecision(6)
      })
      const line = `${[...cells, ...c.map((value) => `v${value}`), y.toPrecision(6)].join(',')}\n`
      if (!file.write(line)) await once(file, 'drain')
    }
    file.end()
    await once(file, 'close')
  }
  return files
}
