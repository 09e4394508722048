import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acceptsType } from '../../../features/marts/accepted-types.ts'
import { createTableSql } from '../../../features/marts/ddl.ts'
import { martsPage } from '../../../features/marts/docs-page.ts'
import { findMart, marts } from '../../../features/marts/index.ts'
import { rowChecks } from '../../../features/marts/row-checks.ts'

describe('marts', () => {
  it.each(marts.map((mart) => [mart.name, mart] as const))(
    '%s, its keys and references, name columns that exist',
    (_, mart) => {
      const names = mart.columns.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      expect(names).toEqual(expect.arrayContaining([...mart.key, ...mart.sortKey]))
      if (mart.distKey !== 'all') expect(names).toContain(mart.distKey)
      for (const { name, nullable, references } of mart.columns) {
        if (mart.key.includes(name)) expect(nullable).toBe(false)
        if (references === undefined) continue
        const target = marts.findIndex((candidate) => candidate.name === references.mart)
        expect(marts[target]?.columns.map((column) => column.name)).toContain(references.column)
        expect(target).toBeLessThan(marts.indexOf(mart))
      }
    },
  )
})

describe('createTableSql', () => {
  const mart = findMart('fct_subscriptions')!

  it('for Redshift, has byte lengths, a distribution and a sort key, and no constraints it would ignore', () => {
    expect(createTableSql(mart, 'redshift', 'marts')).toBe(`create table if not exists marts.fct_subscriptions (
  user_id varchar(512) not null,
  creator_id varchar(512) not null,
  started_at timestamp not null,
  ended_at timestamp
)
diststyle key distkey (user_id)
sortkey (started_at);`)
  })

  it('for PostgreSQL, declares the key; for DuckDB, does not', () => {
    expect(createTableSql(mart, 'postgres', 'm')).toContain('primary key (user_id, creator_id, started_at)')
    expect(createTableSql(mart, 'duckdb', 'm')).not.toContain('primary key')
  })
})

describe('rowChecks', () => {
  it('a share from 0 to 1, gets both bounds', () => {
    const check = rowChecks(findMart('fct_interactions')!).find(({ column }) => column === 'completion')
    expect(check).toMatchObject({
      broken: 'completion < 0 or completion > 1',
      reason: 'completion must be from 0 to 1',
    })
  })
})

describe('acceptsType', () => {
  it.each([
    ['integer', 'INTEGER', true],
    ['integer', 'numeric(38,0)', false],
    ['real', 'numeric(10,2)', true],
    ['real', 'character varying', false],
    ['id', 'character varying', true],
    ['id', 'bigint', false],
    ['timestamp', 'timestamp without time zone', true],
    ['timestamp', 'TIMESTAMP WITH TIME ZONE', false],
    ['date', 'DATE', true],
    ['boolean', 'text', false],
  ] as const)('%s in a column of type %s: %s', (kind, type, accepted) => {
    expect(acceptsType(kind, type)).toBe(accepted)
  })
})

describe('docs/marts.md', () => {
  it('the committed page, against the definitions, is current (run `contentflow marts docs`)', async () => {
    expect(await readFile(resolve(import.meta.dirname, '../../../docs/marts.md'), 'utf8')).toBe(martsPage())
  })
})
