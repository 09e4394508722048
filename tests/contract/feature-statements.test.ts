import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config.ts'
import { featureService, featureServices } from '../../features/definitions/index.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { buildFeatures } from '../../features/store/build-features.ts'
import { erasedUsersSql } from '../../features/store/erased-user-snapshots.ts'
import { factSpanSql } from '../../features/store/fact-span.ts'
import { contentCardsSql, creatorCardsSql, factsUntilSql } from '../../features/store/materialise-cards.ts'
import { historiesSql, usersSql } from '../../features/store/materialise-histories.ts'
import { openOfflineStore } from '../../features/store/open-offline-store.ts'
import { silentLogger } from '../../log.ts'
import { silentProgress } from '../../progress.ts'
import { createFeatureWorld, type FeatureWorld, seconds } from '../support/feature-world.ts'
import { createPostgresWorld, hostileIds, type PostgresWorld } from '../support/small-world.ts'

const postgresUrl = process.env.TEST_POSTGRES_URL
const moment = new Date('2026-03-10T00:00:00Z')

const statements = [
  ['span of the facts', factSpanSql, []],
  ['people to forget', erasedUsersSql, []],
  ['content cards', contentCardsSql, [moment]],
  ['end of the facts', factsUntilSql, [moment, moment]],
  ['creator cards', creatorCardsSql, []],
  ['histories', historiesSql, []],
  ['users', usersSql, []],
] as const

describe('statements of the feature store', () => {
  it.each(statements)('%s, use only what all warehouses share', (_, sql) => {
    expect(sql).not.toMatch(
      /qualify|filter \(|lateral|array\[|unnest|range between|median|listagg|generate_series|now\(/i,
    )
  })
})

describe.skipIf(!postgresUrl)(
  `statements of the feature store on PostgreSQL${postgresUrl ? '' : ' (skipped: TEST_POSTGRES_URL is not set)'}`,
  () => {
    let postgres: PostgresWorld
    let duckdb: FeatureWorld
    let both: FeatureWorld['config']
    beforeAll(async () => {
      duckdb = await createFeatureWorld()
      postgres = await createPostgresWorld(postgresUrl!)
      const { schema } = postgres
      const { dataDir } = duckdb.config
      both = loadConfig({ DATA_DIR: `${dataDir}/postgres`, WAREHOUSE_URL: postgresUrl!, WAREHOUSE_SCHEMA: schema })
    })
    afterAll(async () => {
      await postgres.drop()
      await duckdb.remove()
    })

    it.each(statements)('%s, give the rows that DuckDB gives', async (_, sql, parameters) => {
      const source = await openMartSource(both)
      const rows = await source.rows(sql, parameters).finally(() => source.close())
      const expected = await duckdb.source((opened) => opened.rows(sql, parameters))
      expect(rows.length).toBeGreaterThan(0)
      // PostgreSQL and DuckDB sort text by different rules; the order matters only within a person's history.
      const sorted = (list: typeof rows): unknown[] =>
        list
          .map((row) =>
            JSON.stringify(row, (_key, value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
          )
          .sort()
      expect(sorted(rows)).toEqual(sorted(expected))
    })

    it('snapshots built from it, hold the features of those built from DuckDB', async () => {
      await duckdb.build()
      const source = await openMartSource(both)
      const quiet = { progress: silentProgress, log: silentLogger, signal: new AbortController().signal }
      await buildFeatures({ source, dir: both.featuresDir, ...quiet }).finally(() => source.close())
      const at = Float64Array.of(seconds('2026-03-06'), seconds('2026-03-10'), seconds('2026-03-08'))
      const ids = {
        user: ['user-1', hostileIds.user, 'user-2'],
        content: ['content-1', hostileIds.content, 'content-2'],
        creator: ['creator-1', hostileIds.creator, 'creator-1'],
      }
      const [one, other] = [await openOfflineStore(duckdb.config), await openOfflineStore(both)]
      for (const { name } of featureServices) {
        const labels = { rowCount: 3, at, ...ids }
        const expected = await one.historicalFeatures(featureService(name), labels)
        const got = await other.historicalFeatures(featureService(name), labels)
        expect(got.categorical).toEqual(expected.categorical)
        for (const [i, value] of expected.numeric.entries()) {
          if (Number.isNaN(value)) expect(got.numeric[i]).toBeNaN()
          else expect(got.numeric[i]).toBeCloseTo(value, 5)
        }
      }
      await Promise.all([one.close(), other.close()])
    })
  },
)
