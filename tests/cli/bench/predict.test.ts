import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { endCommands, runCommand } from '../../support/command.ts'

const shared = join(import.meta.dirname, '../../../../shared/data')

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bench-predict-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))
afterEach(endCommands)

const bench = (...flags: readonly string[]) => runCommand(['bench', 'predict', '--suite', 'shared', ...flags], {})

describe('contentflow bench predict', () => {
  it.each([
    ['a task that is none', ['--task', 'nope'], 'There is no task nope; expected news-popular'],
    ['a table of other settings', ['--write', 't.md', '--set', 'epochs=1'], '--write keeps what the defaults reach'],
    ['a table without the test parts', ['--write', 't.md', '--validation'], '--write keeps what the defaults reach'],
    ['an option that is none', ['--set', 'depth=3'], 'depth'],
  ])('%s: is refused with exit code 2', async (_, flags, message) => {
    const { code, stderr } = await bench(...flags)
    expect(stderr).toContain('CONFIG_INVALID: ')
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  it('data that is not there: says where it looked, and for what', async () => {
    const { code, stderr } = await bench('--task', 'cdnow-inactive', '--data', dir)
    expect(stderr).toMatch(/INPUT_INVALID: The data of cdnow-inactive cannot be read from .*CDNOW_master/)
    expect(code).not.toBe(0)
  })

  const why = existsSync(shared) ? '' : ' (skipped: the public data sets are not beside the project)'
  describe.skipIf(!existsSync(shared))(`on public data${why}`, () => {
    const quick = ['--task', 'youtube-day3', '--data', shared]

    it('one JSON object: ours, the linear model’s and the constant’s figures, and the goals', async () => {
      const { code, stdout } = await bench(...quick, '--validation', '--set', 'epochs=2', '--json')
      expect(code).toBe(0)
      const { tasks } = JSON.parse(stdout)
      expect(tasks).toHaveLength(1)
      const [{ task, models, goals }] = tasks
      expect(task).toBe('youtube-day3')
      expect(models.map(({ model }: { model: string }) => model)).toEqual(['ours', 'ridge', 'mean'])
      expect(goals.map(({ metric }: { metric: string }) => metric)).toEqual(['rmse'])
      for (const { metric, value, goal, met } of goals) {
        expect(value).toBe(models[0].metrics[metric].value)
        expect(met).toBe(value <= goal)
      }
    })

    it('a table to read, and the rows of a page that keeps what else it says', async () => {
      const file = join(dir, 'page.md')
      const { code, stdout } = await bench(...quick, '--write', file)
      expect(code).toBe(0)
      expect(stdout).toMatch(/^youtube-day3 +rmse +\.4\d{3} \[/m)
      const page = await readFile(file, 'utf8')
      expect(page).toMatch(/^\| youtube-day3 \| rmse \| \.4/m)
    })
  })
})
