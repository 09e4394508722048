import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { MlflowClient } from '#mlflow-client'
import { modelNames } from '../../models/artifact/manifest.ts'
import { endCommands } from '../support/command.ts'
import { copyMartsToPostgres, dropPostgresSchema } from '../support/postgres-copy.ts'
import { differences, readmeExamples } from '../support/readme-examples.ts'
import { type RunningService, serve, succeed } from './world.ts'

const minutes = 60_000
const folder = mkdtempSync(join(tmpdir(), 'contentflow-worlds-'))
/** Names the schema, the keys, the experiment and the models of this run: the servers may be shared. */
const schema = `e2e_${randomUUID().slice(0, 8)}`
const servers = {
  postgres: process.env.TEST_POSTGRES_URL,
  redis: process.env.TEST_REDIS_URL,
  mlflow: process.env.TEST_MLFLOW_URI,
}
const haveServers = Object.values(servers).every((url) => url !== undefined)

afterEach(endCommands)

afterAll(async () => {
  if (servers.postgres !== undefined) await dropPostgresSchema(servers.postgres, schema)
  if (servers.redis !== undefined) await removeKeys(servers.redis, `${schema}:`)
  if (servers.mlflow !== undefined) await removeModels(servers.mlflow)
  rmSync(folder, { recursive: true, force: true })
})

async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.unlink(...keys)
  await redis.quit()
}

async function removeModels(uri: string): Promise<void> {
  const mlflow = new MlflowClient({ uri })
  for (const model of modelNames) await mlflow.registeredModels.delete(`${schema}-${model}`).catch(() => undefined)
  await mlflow.experiments.delete(await mlflow.experiments.ensure(schema))
}

/** From marts to answers through the real command, and what a client sees. */
async function fromMartsToAnswers(
  env: Readonly<Record<string, string>>,
  port: number,
  look?: (service: RunningService) => Promise<void>,
): Promise<void> {
  await succeed(['marts', 'check'], env)
  await succeed(['features', 'build'], env)
  await succeed(['train', 'all'], env)
  await succeed(['features', 'materialise'], env)

  const service = await serve(env, port)
  try {
    const first = await service.get('/v1/users/user-1/recommendations?limit=10')
    expect(first.status).toBe(200)
    const items = first.body.items as { contentId: string }[]
    expect(items).toHaveLength(10)
    expect(new Set(items.map((item) => item.contentId)).size).toBe(10)
    expect(first.body.synthetic).toBe(true)

    // an event posted is seen by the next recommendation: what was just watched is not offered again
    const watched = items[0]?.contentId ?? ''
    const event = {
      eventId: `e2e-${port}`,
      userId: 'user-1',
      contentId: watched,
      eventType: 'view',
      platform: 'youtube',
    }
    const posted = await service.post('/v1/events', event)
    expect(posted.status).toBeLessThan(300)
    const next = await service.get('/v1/users/user-1/recommendations?limit=10')
    expect((next.body.items as { contentId: string }[]).map((item) => item.contentId)).not.toContain(watched)

    const stranger = await service.get('/v1/users/nobody-here/recommendations')
    expect(stranger.status).toBe(200)
    expect(stranger.body.fallback).not.toBeNull()
    expect((stranger.body.items as unknown[]).length).toBeGreaterThan(0)

    expect((await service.get('/v1/users/user-1/segment')).status).toBe(200)
    expect((await service.get('/v1/creators/creator-1/posting-times')).status).toBe(200)
    const models = await service.get('/v1/models')
    expect(models.status).toBe(200)
    await look?.(service)
  } finally {
    expect(await service.stop()).toBe(0)
  }
}

async function answersAsTheReadmePrints(service: RunningService): Promise<void> {
  for (const { command, path, body, answer } of readmeExamples()) {
    const { body: actual } = body === undefined ? await service.get(path) : await service.post(path, JSON.parse(body))
    expect({ command, differences: differences(answer, actual) }).toEqual({ command, differences: [] })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

describe('the whole line', () => {
  const embedded = { DATA_DIR: join(folder, 'embedded') }

  it('in the embedded world (DuckDB, LMDB, local registry) goes from sample marts to answers', {
    timeout: 15 * minutes,
  }, async () => {
    await succeed(['sample', '--size', 'small', '--seed', '1'], embedded)
    await fromMartsToAnswers(embedded, await freePort(), answersAsTheReadmePrints)
  })

  it.skipIf(!haveServers)(
    'in the server world (PostgreSQL, Redis, MLflow) does the same (skipped: TEST_POSTGRES_URL, TEST_REDIS_URL or TEST_MLFLOW_URI is not set)',
    { timeout: 20 * minutes },
    async () => {
      const { postgres = '', redis = '', mlflow = '' } = servers
      await copyMartsToPostgres(join(embedded.DATA_DIR, 'warehouse.duckdb'), postgres, schema)
      const env = {
        DATA_DIR: join(folder, 'servers'),
        WAREHOUSE_URL: postgres,
        WAREHOUSE_SCHEMA: schema,
        REDIS_URL: `${redis}?keyPrefix=${schema}:`,
        MLFLOW_TRACKING_URI: mlflow,
        MLFLOW_EXPERIMENT: schema,
        MLFLOW_MODEL_PREFIX: `${schema}-`,
      }
      await fromMartsToAnswers(env, await freePort())
    },
  )
})
