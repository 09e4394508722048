import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { ensureMarts, writeMeta } from '../../../features/sources/warehouse-tables.ts'
import type { ImportContext } from '../../../pipelines/import/run-import.ts'
import { Staging } from '../../../pipelines/import/staging.ts'
import { importTable } from '../../../pipelines/import/table-file.ts'
import { startCommand } from '../../support/command.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'

let world: ImportWorld
let users: string
beforeEach(async () => {
  world = await createImportWorld()
  users = await world.file('users.csv', 'user_id,consent_personalization\nu,true\n')
})
afterEach(() => world.remove())

const importUsers = (context: ImportContext) => importTable(context, 'csv', 'dim_user', users, {})
const openWarehouse = () =>
  DuckDbDatabase.open({ path: world.warehouse, schema: 'marts', memoryMb: 256, threads: 1, create: true })

describe('runImport', () => {
  it('real data beside the made-up sample is refused', async () => {
    const database = await openWarehouse()
    await ensureMarts(database, 'marts')
    await writeMeta(database, 'synthetic', 'true')
    await database.close()
    await expect(importUsers(world.context)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Set DATA_DIR to another folder'),
    })
    expect(await world.rows('select count(*) as n from dim_user')).toEqual([{ n: 0 }])
  })

  it('a warehouse on a server is not ours to fill', async () => {
    const warehouse = { kind: 'postgres', url: 'postgres://x', schema: 'marts', timeoutSeconds: 1 } as const
    const context = { ...world.context, config: { ...world.context.config, warehouse } }
    await expect(importUsers(context)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('a signal before the end leaves nothing behind', async () => {
    const controller = new AbortController()
    controller.abort()
    await expect(importUsers({ ...world.context, signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(existsSync(world.warehouse)).toBe(false)
  })

  it('a warehouse that another process writes is not waited for, and the message says why', async () => {
    await importUsers(world.context)
    const script = `import { DuckDBInstance } from '@duckdb/node-api'
      await DuckDBInstance.create(process.argv[1]); console.log('open'); setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script, world.warehouse])
    try {
      await once(holder.stdout, 'data')
      await expect(importUsers(world.context)).rejects.toMatchObject({
        code: 'WAREHOUSE_FAILED',
        message: expect.stringContaining('in use by another process'),
      })
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'close')
    }
  })

  it.each([1000, 1600])('killed after %d ms, the marts hold all of the file or nothing', async (milliseconds) => {
    await importUsers(world.context)
    const rows = Array.from({ length: 50_000 }, (_, i) => `user-${i},true`)
    const many = await world.file('many.csv', `user_id,consent_personalization\n${rows.join('\n')}\n`)
    const child = startCommand(['import', 'csv', 'dim_user', many], { DATA_DIR: join(world.folder, 'data') })
    const closed = once(child, 'close')
    await Promise.race([closed, sleep(milliseconds)])
    child.kill('SIGKILL')
    await closed
    const [count] = await world.rows('select count(*) as n from dim_user')
    expect([1, 50_001]).toContain(count!.n)
    // And the next import simply works.
    await importTable(world.context, 'csv', 'dim_user', many, {})
    expect(await world.rows('select count(*) as n from dim_user')).toEqual([{ n: 50_001 }])
  })

  it.skipIf(!existsSync('/dev/full'))(
    `a full disk${existsSync('/dev/full') ? '' : ' (skipped: there is no /dev/full)'}, while writing the rejects, is told`,
    async () => {
      const database = await openWarehouse()
      const staging = await Staging.open(database)
      await database.run(`insert into rejects select 'f', i, 'r', repeat('x', 1000) from range(5000) t(i)`)
      await expect(staging.writeRejects('/dev/full')).rejects.toMatchObject({
        code: 'DISK_FULL',
        message: expect.stringContaining('Free some space'),
      })
      await database.close()
    },
  )
})
