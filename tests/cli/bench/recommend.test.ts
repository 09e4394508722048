import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const command = resolve(import.meta.dirname, '../../../cli/contentflow.mjs')

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bench-recommend-'))
  await writeFile(join(dir, 'train.txt'), 'a x y\nb x z\nc x\n')
  await writeFile(join(dir, 'test.txt'), 'c y z\n')
  await writeFile(join(dir, 'lonely.txt'), 'a x\nb y\nc z\n')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** The command in a process of its own, as a user runs it. */
function bench(...flags: string[]): Promise<{ code: number | null; out: string; said: string }> {
  const child = spawn(process.execPath, [command, 'bench', 'recommend', ...flags], { cwd: dir })
  let [out, said] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    said += text
  })
  return new Promise((done) => child.on('close', (code) => done({ code, out, said })))
}
const files = ['--train', 'train.txt', '--test', 'test.txt']

describe('contentflow bench recommend', () => {
  it.each([
    ['a metric that is none', [...files, '--all', '--metrics', 'best@10'], '--metrics holds "best@10"'],
    ['an option that one of the models lacks', [...files, '--model', 'ease,item-knn', '--set', 'l2=5'], 'item-knn has'],
    ['several held-out items among negatives', [...files, '--model', 'ease', '--metrics', 'hr@1:99'], 'user 2 has 2'],
    [
      'a table of anything but defaults',
      ['--suite', 'ml1m', '--all', '--write', 't.md', '--seed', '2'],
      'without --seed',
    ],
    ['a table of files', [...files, '--model', 'ease', '--write', 'train.txt'], 'use it with --suite'],
    [
      'a table where none can be written',
      ['--suite', 'ml1m', '--all', '--write', 'no/such/t.md'],
      '--write no/such/t.md: ',
    ],
    [
      'an option of one model',
      [...files, '--model', 'ease,item-knn', '--set', 'item-knn.l2=5'],
      'item-knn has no option l2',
    ],
    [
      'a name that is every object’s',
      [...files, '--model', 'ease', '--set', '__proto__=1'],
      'ease has no option __proto__',
    ],
    ['a suite that is none', ['--suite', 'nope', '--all'], 'There is no suite nope'],
  ])('%s: is refused before anything is fitted, with exit code 2', async (_, flags, message) => {
    const { code, out, said } = await bench(...flags)
    expect(said).toContain(`CONFIG_INVALID: `)
    expect(said).toContain(message)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(await readFile(join(dir, 'train.txt'), 'utf8')).toBe('a x y\nb x z\nc x\n')
  })

  it('one of several models: ends soon after the process that started it has gone', async () => {
    const lines = Array.from(
      { length: 200 },
      (_, user) => `${user} ${Array.from({ length: 40 }, (_, i) => (user * 7 + i * i) % 500).join(' ')}`,
    )
    await writeFile(join(dir, 'long.txt'), lines.join('\n'))
    await writeFile(join(dir, 'long-test.txt'), '0 499\n')
    const long = ['--train', 'long.txt', '--test', 'long-test.txt', '--set', 'epochs=1000', '--set', 'patience=1000']
    const child = fork(command, ['bench', 'recommend', ...long, '--model', 'gmf'], {
      cwd: dir,
      silent: true,
      execArgv: [],
    })
    await setTimeout(6000)
    expect(child.exitCode).toBeNull()
    child.disconnect()
    const [code, signal] = await once(child, 'exit')
    // On a busy machine it may not have come to where it stops by itself.
    expect([130, 'SIGTERM']).toContain(code ?? signal)
  })

  it('a model for which the data says too little: is left out with the reason, and the others are judged', async () => {
    const { code, out } = await bench(
      '--train',
      'lonely.txt',
      '--test',
      'test.txt',
      '--model',
      'popularity,hybrid',
      '--json',
    )
    const { models } = JSON.parse(out) as { models: { model: string; error?: string; leftOut?: boolean }[] }
    expect(models.map(({ model, leftOut }) => [model, leftOut])).toEqual([
      ['popularity', undefined],
      ['hybrid', true],
    ])
    expect(models[1]!.error).toMatch(/^DATA_INSUFFICIENT: .*cannot be served after this fit/)
    expect(code).toBe(0)
  })
})
