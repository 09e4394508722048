import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluateCommand } from '../../cli/evaluate.ts'
import { modelsCommand } from '../../cli/models.ts'
import { trainCommand } from '../../cli/train.ts'
import { writeArtifact } from '../../models/artifact/write-artifact.ts'
import { openLocalRegistry } from '../../models/registry/local-registry.ts'
import type { ModelRegistry } from '../../models/registry/model-registry.ts'
import type { CommandResult } from '../support/command.ts'
import { runInProcess } from '../support/in-process-command.ts'
import { sampleArtifact } from '../support/sample-artifact.ts'

let dir: string
let registry: ModelRegistry
const commands = { models: modelsCommand, evaluate: evaluateCommand, train: trainCommand }
const contentflow = (name: keyof typeof commands, ...args: string[]): Promise<CommandResult> =>
  runInProcess(commands[name](), args, { DATA_DIR: dir })

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cli-models-'))
  registry = openLocalRegistry(join(dir, 'registry'), { actor: 'ann' })
  for (const factor of [1, 2, 3]) {
    await writeArtifact(join(dir, `artifact-${factor}`), sampleArtifact({ factor, metric: factor / 10 }))
    await registry.register(join(dir, `artifact-${factor}`), 'trained')
  }
  await registry.promote('recommender', 1, 'first')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('contentflow models', () => {
  it('lists versions for a person and for a program', async () => {
    const table = await contentflow('models', 'list')
    expect(table.code).toBe(0)
    expect(table.stdout).toMatch(/recommender +1 +champion +2026-01-02 03:04 +ndcg@10 +0\.1 +synthetic/)
    const json = await contentflow('models', 'list', 'recommender', '--json')
    expect(JSON.parse(json.stdout).map((v: { version: number; aliases: string[] }) => [v.version, v.aliases])).toEqual([
      [1, ['champion']],
      [2, []],
      [3, ['challenger']],
    ])
  })

  it('promotes by hand with a reason, and rolls back', async () => {
    const promoted = await contentflow('models', 'promote', 'recommender', '2', '--reason', 'A/B test won')
    expect(promoted).toMatchObject({ code: 0, stdout: 'recommender version 2 is champion.\n' })
    const back = await contentflow('models', 'rollback', 'recommender', '--reason', 'complaints')
    expect(back).toMatchObject({ code: 0, stdout: 'recommender version 1 is champion again.\n' })
    const history = JSON.parse((await contentflow('models', 'history', 'recommender', '--json')).stdout)
    expect(history.slice(-2).map((e: { action: string; reason: string }) => [e.action, e.reason])).toEqual([
      ['promote', 'A/B test won'],
      ['rollback', 'complaints'],
    ])
  })

  it('does not promote a damaged artifact', async () => {
    await appendFile(join(dir, 'registry/recommender/versions/3/model.onnx'), 'x')
    const result = await contentflow('models', 'promote', 'recommender', '3', '--reason', 'x')
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('ARTIFACT_INVALID') })
    expect((await registry.champion('recommender'))?.version).toBe(1)
  })

  it('says which models there are', async () => {
    expect(await contentflow('models', 'show', 'ranker')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'expected recommender, engagement, virality, churn, revenue, creator-revenue, forecast, segments, posting-time',
      ),
    })
  })
})

describe('contentflow evaluate', () => {
  it('shows a version beside its baselines and verifies it', async () => {
    const { code, stdout } = await contentflow('evaluate', 'recommender', '--version', '2')
    expect(code).toBe(0)
    expect(stdout).toMatch(/ndcg@10 +higher +0\.2 \[0\.19, 0\.21\] +0\.4/)
    expect(stdout).toContain('reproduces its golden batch')
  })
})

describe('contentflow train', () => {
  it('refuses wrong flags before it opens anything', async () => {
    expect(await contentflow('train', 'all', '--set', 'epochs=1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--set sets options of one model'),
    })
    expect((await contentflow('train', 'recommender', '--seed', '-1')).stderr).toContain(
      'expected a whole number, at least 0',
    )
  })

  it('says what to do when there is no warehouse', async () => {
    const { code, stderr } = await contentflow('train', 'recommender')
    expect(code).toBe(3)
    expect(stderr).toContain('WAREHOUSE_MISSING')
  })
})
