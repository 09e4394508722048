/** What the feature store adds to the same work in raw DuckDB SQL: `npm run bench:features`. See README.md. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { featureService, featureView } from '../../features/definitions/index.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { DuckDbSource } from '../../features/sources/duckdb-source.ts'
import { buildFeatures } from '../../features/store/build-features.ts'
import { dayName, dayNumber } from '../../features/store/day.ts'
import { openOfflineStore } from '../../features/store/open-offline-store.ts'
import { silentLogger } from '../../log.ts'
import { silentProgress } from '../../progress.ts'
import { fillWorld, firstDay } from './world.ts'

const { values: flags } = parseArgs({
  options: {
    users: { type: 'string', default: '20000' },
    events: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '60' },
    labels: { type: 'string', default: '100000,1000000' },
    repeats: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
  },
})
const world = { users: Number(flags.users), contents: 10_000, events: Number(flags.events), days: Number(flags.days) }
const repeats = Number(flags.repeats)
const threads = Number(flags.threads)
const memoryMb = 4096
const schema = 'marts'
const view = featureView('user_activity')
const service = featureService('segments')
const fields = service.fields.map(({ field }) => field.name)

/** What a snapshot holds: float32, ordered by entity. */
const sameFiles = (sql: string): string => {
  const stored = view.fields.map(({ name, dtype }) =>
    dtype === 'category' ? name : `cast(${name} as float) as ${name}`,
  )
  return `select as_of, entity_id, ${stored.join(', ')} from (${sql}) order by as_of, entity_id`
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
const show = (values: readonly number[]): string => values.map((value) => value.toFixed(0)).join(' ')

/** Wall and CPU time in milliseconds; CPU is steadier where other programs share the cores. */
interface Cost {
  readonly wall: number
  readonly cpu: number
}

async function cost(body: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await body()
  const { user, system } = process.cpuUsage(cpu)
  return { wall: performance.now() - started, cpu: (user + system) / 1000 }
}

/** Measures ours and the reference in turn, so that both meet the same disturbances. */
async function compare(
  name: string,
  ours: () => Promise<unknown>,
  reference: () => Promise<unknown>,
  times: number,
): Promise<void> {
  const pairs: { readonly ours: Cost; readonly reference: Cost }[] = []
  for (let i = 0; i < times; i++) pairs.push({ reference: await cost(reference), ours: await cost(ours) })
  for (const kind of ['wall', 'cpu'] as const) {
    const ratio = median(pairs.map((pair) => pair.ours[kind] / pair.reference[kind]))
    const raw = `ours ${show(pairs.map((p) => p.ours[kind]))}, raw SQL ${show(pairs.map((p) => p.reference[kind]))}`
    console.log(`${name.padEnd(34)} ${kind.padEnd(4)} ratio ${ratio.toFixed(2)}   ms: ${raw}`)
  }
}

const dir = await mkdtemp(join(tmpdir(), 'contentflow-bench-'))
try {
  const database = await DuckDbDatabase.open({ path: ':memory:', schema, memoryMb, threads })
  await fillWorld(database, schema, world)
  const source = new DuckDbSource(database)
  const featuresDir = join(dir, 'features')
  const quiet = { progress: silentProgress, log: silentLogger, signal: new AbortController().signal }
  const first = dayNumber(firstDay) + 1
  const days = Array.from({ length: world.days }, (_, i) => dayName(first + i))
  console.log(
    `${world.events} events, ${world.users} users, ${world.days} snapshot days, ${fields.length} features, ${threads} threads`,
  )

  await mkdir(join(dir, 'raw'))
  await compare(
    `build ${days.length} snapshots`,
    () => buildFeatures({ source, dir: featuresDir, views: [view], full: true, memoryMb, threads, ...quiet }),
    () =>
      database.run(
        `copy (${sameFiles(view.sqlForDays('duckdb', days))}) to '${join(dir, 'raw')}' (format parquet, compression zstd, partition_by (as_of), overwrite)`,
      ),
    Math.min(repeats, 3),
  )

  const store = await openOfflineStore({ featuresDir, duckdb: { memoryMb, threads } })
  for (const count of flags.labels.split(',').map(Number)) {
    await database.run(`create or replace table labels as select i::integer as row, 'user-' || (hash(i, 3) % ${world.users}) as id,
      (epoch(timestamp '${firstDay}') + 86400 * (1 + (hash(i, 5) % ${(world.days - 1) * 1000}) / 1000.0))::double as moment
      from range(${count}) t(i)`)
    const id: string[] = []
    const at = new Float64Array(count)
    for await (const batch of database.read('select id, moment from labels order by row', {
      id: 'string',
      moment: 'float64',
    })) {
      at.set(batch.columns.moment, id.length)
      for (const one of batch.columns.id) id.push(one)
    }
    const labels = { rowCount: count, user: id, at }
    const ours = () => store.historicalFeatures(service, labels)
    // In one process, on the same files, into a table; labels are a table already.
    const snapshots = `read_parquet('${featuresDir}/${view.name}/*/*.parquet', hive_partitioning = true, hive_types = {'as_of': date})`
    const columns = fields.map((field) => `f.${field}`).join(', ')
    await compare(
      `${count} labels, raw ASOF join`,
      ours,
      () =>
        database.run(`create or replace table joined as select l.row, ${columns} from labels l
        asof left join (select *, epoch(as_of::timestamp) as seconds from ${snapshots}) f on f.entity_id = l.id and l.moment >= f.seconds`),
      repeats,
    )
    await compare(
      `${count} labels, raw join on the day`,
      ours,
      () =>
        database.run(`create or replace table joined as select l.row, ${columns} from labels l
        left join ${snapshots} f on f.entity_id = l.id and f.as_of = date '1970-01-01' + (l.moment // 86400)::integer`),
      repeats,
    )
  }
  await store.close()
  await source.close()
} finally {
  await rm(dir, { recursive: true, force: true })
}
