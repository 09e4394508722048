import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { endCommands, runCommand } from '../../support/command.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bench-tabular-'))
  const random = createRandom(3)
  const rows = (count: number): string =>
    Array.from({ length: count }, () => {
      const x = random.normal()
      const kind = random.int(2) === 0 ? 'even' : 'odd'
      // Only a model that bends sees x in y; 1 in `hit` is likelier where y is great.
      const y = Math.abs(x) + (kind === 'even' ? 1 : 0) + 0.05 * random.normal()
      return `${x},${kind},${random.normal()},${y},${y > 1.3 ? 1 : 0}`
    }).join('\n')
  for (const [name, count] of Object.entries({ train: 800, valid: 200, test: 300 })) {
    await writeFile(join(dir, `${name}.csv`), `x,kind,noise,y,hit\n${rows(count)}\n`)
  }
})
afterAll(() => rm(dir, { recursive: true, force: true }))

afterEach(endCommands)

const bench = (flags: readonly string[], test = 'test') => {
  const files = Object.entries({ train: 'train', valid: 'valid', test })
  return runCommand(
    ['bench', 'tabular', ...files.flatMap(([part, name]) => [`--${part}`, join(dir, `${name}.csv`)]), ...flags],
    {},
  )
}
const quick = ['--set', 'members=1', '--set', 'epochs=15', '--set', 'learningRate=0.01']

describe('contentflow bench tabular', () => {
  it('a number: the network, its linear counterpart and the mean, each with its interval', async () => {
    const flags = ['--target', 'y', '--task', 'regression', '--leave-out', 'hit', '--json', ...quick]
    const { code, stdout } = await bench(flags)
    expect(code).toBe(0)
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ task: 'regression', rows: { train: 800, valid: 200, test: 300 }, features: 3 })
    const [network, ridge, mean] = result.models
    expect([network.model, ridge.model, mean.model]).toEqual(['ours', 'ridge', 'mean'])
    // Deviations: .6 of |x| and .5 of the kind make .78; a line sees the kind alone.
    expect(mean.metrics.rmse.value).toBeGreaterThan(0.7)
    expect(ridge.metrics.rmse.value).toBeGreaterThan(0.5)
    expect(network.metrics.rmse.value).toBeLessThan(0.3)
    const { value, low, high } = network.metrics.r2
    expect(low < value && value < high).toBe(true)
  })

  it('1 and 0: probabilities, and a table to read', async () => {
    const { code, stdout } = await bench(['--target', 'hit', '--task', 'binary', '--leave-out', 'y', ...quick])
    expect(code).toBe(0)
    expect(stdout).toMatch(/3 features; 800 rows of training, 200 of validation, 300 of test/)
    const auc = (model: string): number => Number(new RegExp(`^${model} +(\\S+) `, 'm').exec(stdout)![1])
    expect(auc('ours')).toBeGreaterThan(0.95)
    expect(auc('logistic')).toBeLessThan(0.9)
    expect(auc('base rate')).toBe(0.5)
  })

  it('a wrong value: file, row and what was expected, with exit code 2', async () => {
    await writeFile(join(dir, 'bad.csv'), 'x,kind,noise,y,hit\n1,odd,2,3,maybe\n')
    const { code, stdout, stderr } = await bench(['--target', 'hit', '--task', 'binary'], 'bad')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/bad\.csv, row 1: hit is missing, or no number; expected 0 or 1/)
  })

  it.each([
    ['of one class', 'hit', 'binary', () => '0', 3, /hit is 0 in every row of .*odd\.csv; there is nothing to learn/],
    [
      'that never varies',
      'y',
      'regression',
      () => '5',
      3,
      /y is 5 in every row of .*odd\.csv; there is nothing to learn/,
    ],
    [
      'that is infinite',
      'y',
      'regression',
      (row: number) => (row === 3 ? 'inf' : `${row}`),
      2,
      /row 4: y is Infinity; expected a number within ±10¹⁵/,
    ],
  ] as const)('a target %s: says so', async (_, target, task, value, exit, message) => {
    const rows = Array.from({ length: 40 }, (_, row) => `${row % 7},even,${row % 3},${value(row)}`)
    await writeFile(join(dir, 'odd.csv'), `x,kind,noise,${target}\n${rows.join('\n')}\n`)
    const files = ['--train', '--valid', '--test'].flatMap((flag) => [flag, join(dir, 'odd.csv')])
    const { code, stderr } = await runCommand(
      ['bench', 'tabular', ...files, '--target', target, '--task', task, ...quick],
      {},
    )
    expect(code).toBe(exit)
    expect(stderr).toMatch(message)
  })

  it('columns that never vary, or have no value in 99 of 100 rows, harm nobody', async () => {
    const random = createRandom(5)
    const rows = Array.from({ length: 400 }, (_, row) => {
      const x = random.normal()
      return `${x},7,${row % 100 === 0 ? random.normal() : ''},one,${2 * x}`
    })
    await writeFile(join(dir, 'gaps.csv'), `x,constant,sparse,kind,y\n${rows.join('\n')}\n`)
    const files = ['--train', '--valid', '--test'].flatMap((flag) => [flag, join(dir, 'gaps.csv')])
    const { code, stdout } = await runCommand(
      ['bench', 'tabular', ...files, '--target', 'y', '--task', 'regression', '--json', ...quick],
      {},
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout).models[0].metrics.r2.value).toBeGreaterThan(0.95)
  })
})
