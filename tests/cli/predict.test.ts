import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { predictCommand } from '../../cli/predict.ts'
import { type CommandResult, runCommand } from '../support/command.ts'
import { runInProcess } from '../support/in-process-command.ts'
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts'

let world: ServiceWorld
let dir: string
const predict = (...args: string[]): Promise<CommandResult> => runInProcess(predictCommand(), args, { DATA_DIR: dir })
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(dir, name), text)
  return join(dir, name)
}
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

beforeAll(async () => {
  world = await createServiceWorld(['engagement', 'virality', 'churn', 'forecast'])
  dir = world.config.dataDir
})
afterAll(() => world.remove())

describe('contentflow predict, of one draft', () => {
  const draft = ['--creator', 'creator-1', '--title', 'three words here']

  it('gives what the service gives', async () => {
    const service = await world.start()
    const body = { creatorId: 'creator-1', title: 'three words here', explain: true, suggest: true }
    const served = (await service.post('/v1/predictions/engagement', body)).body
    await service.close()
    const { generatedAt: _, requestId: __, ...expected } = served
    const { code, stdout } = await predict('engagement', ...draft, '--explain', '--suggest', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject(expected)
  })

  it('is a table for people, with what drives it', async () => {
    const { stdout } = await predict('engagement', ...draft, '--explain', '--suggest')
    expect(stdout).toMatch(/views_7d +300 +290 +310/)
    expect(stdout).toMatch(/title +×1\.34/)
    expect(stdout).toContain('Against 224')
    expect(stdout).toContain('no other hour')
    expect(stdout).toContain('engagement version 1')
  })

  it('foretells a published content from its first counts', async () => {
    const { stdout } = await predict('engagement', ...draft, '--early', 'early_views=40')
    expect(stdout).toMatch(/views_7d +80 +70 +90/)
    expect(stdout).toContain('By the first counts too.')
  })

  it('takes first counts, and says what the model has not learned', async () => {
    const { stdout } = await predict('virality', ...draft, '--early', 'early_views=7', '--platform', 'x', '--explain')
    expect(stdout).toContain('88 % to go viral, 3.5 times as likely as any content: more views')
    expect(stdout).toContain('12 %: more than 1,000 views.')
    expect(stdout).toMatch(/first counts +\+38\.1 points/)
    expect(stdout).toContain('has not learned this platform')
  })

  it.each([
    [['engagement', '--title', 'a'], '--creator: expected a text, got nothing'],
    [['engagement', ...draft, '--duration', 'ten'], '--duration: expected seconds from 0 to 2592000, got "ten"'],
    [['engagement', ...draft, '--planned-at', '9999-01-01T00:00:00Z'], '--planned-at: expected seconds since 1970'],
    [['revenue', ...draft, '--early', 'views=5'], '--early: unknown'],
    [['engagement', ...draft, '--early', 'early_views=5', '--suggest'], 'leave out suggest, or early'],
    [['engagement', ...draft, '--output', 'x'], '--output goes with --input'],
    [['engagement', ...draft, '--input', '-'], 'leave out --creator, --title'],
    [['virality', ...draft, '--suggest'], '--suggest is for engagement'],
    [['virality', ...draft, '--early', 'views'], 'expected name=count'],
    [
      ['virality', ...draft, '--early', 'claps=1'],
      'early.claps is not known to the model; expected one of early_views',
    ],
    [['virality', ...draft, '--early', '__proto__=1'], '--early.__proto__: unknown'],
    [['virality', ...draft, '--early', 'early_views=-1'], '--early.early_views: expected a whole number'],
  ])('%j ends with 2 and says what was expected', async (args, message) => {
    const { code, stderr } = await predict(...args)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

describe('contentflow predict, of many drafts', () => {
  it('answers NDJSON line by line into a file, and ends with 1 where one is wrong', async () => {
    const input = await file(
      'drafts.ndjson',
      '{"creatorId":"creator-1","title":"a b"}\n\n{"title":"c"}\n{"creatorId":"c","title":"😀"}',
    )
    const output = join(dir, 'predictions.ndjson')
    const { code, stdout } = await predict('engagement', '--input', input, '--output', output)
    expect(code).toBe(1)
    expect(stdout).toContain('3 lines by engagement version 1, 1 of them problems')
    expect(linesOf(await readFile(output, 'utf8'))).toMatchObject([
      { line: 1, predictions: [{ value: 200 }] },
      { line: 3, code: 'INPUT_INVALID', errors: [{ field: 'creatorId' }] },
      { line: 4, predictions: [{ value: 100 }] },
    ])
  })

  it('answers the rows of a table', async () => {
    const rows = [
      '\ufeffcreatorId,title,tags,durationSeconds,plannedAt,early.early_views',
      'creator-1,"a, ""b""",x|y,60,2026-11-02T18:00:00Z,7',
      'creator-1,c,,,,',
      'creator-1,short',
    ]
    const input = await file('drafts.csv', rows.join('\r\n'))
    const { code, stdout } = await predict('virality', '--input', input)
    expect(code).toBe(1)
    const [first, second, third] = linesOf(stdout)
    expect(first).toMatchObject({ line: 2, probability: expect.closeTo(0.880797, 5) })
    expect(second).toMatchObject({ line: 3, probability: 0.5 })
    expect(third).toMatchObject({ line: 4, detail: expect.stringContaining('2 cells; expected 6') })
  })

  it.each(['__proto__', 'constructor'])('refuses a column of a first count called %s, row by row', async (name) => {
    const input = await file('proto.csv', `creatorId,title,early.${name}\ncreator-1,a,\ncreator-1,a,5\n`)
    const { code, stdout } = await predict('virality', '--input', input)
    expect(code).toBe(1)
    expect(linesOf(stdout)).toMatchObject([
      { line: 2, probability: 0.5 },
      { line: 3, errors: [{ field: `early.${name}` }] },
    ])
  })

  it('names the file that it cannot read, and a column that is none', async () => {
    await mkdir(join(dir, 'folder'), { recursive: true })
    const table = await file('odd.csv', 'creatorId,title,colour\nc,t,red\n')
    for (const [input, message] of [
      [join(dir, 'none.ndjson'), 'none.ndjson cannot be used'],
      [join(dir, 'folder'), 'it is a folder'],
      [table, 'got "colour"'],
      [await file('empty.csv', ''), 'got nothing'],
    ] as const) {
      const { code, stderr } = await predict('engagement', '--input', input)
      expect(stderr).toContain(message)
      expect(code).toBe(2)
    }
  })
})

describe('contentflow predict without a champion', () => {
  it('says what to run', async () => {
    const bare = await createServiceWorld(['segments'])
    const args = ['engagement', '--creator', 'creator-1', '--title', 'a']
    const { code, stderr } = await runInProcess(predictCommand(), args, { DATA_DIR: bare.config.dataDir })
    await bare.remove()
    expect(stderr).toContain('engagement has no champion yet')
    expect(code).toBe(1)
  })
})

describe('contentflow predict, of a person and of a published content', () => {
  it('gives what the service gives; flags behind a subcommand are its own', async () => {
    const service = await world.start()
    const person = (await service.post('/v1/predictions/churn', { userId: 'user-1', explain: true })).body
    await service.close()
    const churn = await runCommand(['predict', 'churn', '--user', 'user-1', '--explain', '--json'], { DATA_DIR: dir })
    expect(churn.code).toBe(0)
    expect(JSON.parse(churn.stdout)).toMatchObject({ userId: 'user-1', probabilities: person.probabilities })
    const text = await runCommand(['predict', 'churn', '--user', 'user-1', '--explain'], { DATA_DIR: dir })
    expect(text.stdout).toContain('moves the probability of 28 days')
    const forecast = await runCommand(['predict', 'forecast', '--content', 'content-6', '--json'], { DATA_DIR: dir })
    expect(JSON.parse(forecast.stdout)).toMatchObject({ contentId: 'content-6', model: { name: 'forecast' } })
    const nothing = await runCommand(['predict', 'forecast', '--content', 'nothing'], { DATA_DIR: dir })
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('No content is called') })
  }, 60_000)
})
