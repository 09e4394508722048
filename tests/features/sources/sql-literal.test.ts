import { describe, expect, it } from 'vitest'
import { unloadSql } from '../../../features/sources/redshift-unload.ts'
import { bindLiterals, sqlLiteral } from '../../../features/sources/sql-literal.ts'

describe('sqlLiteral', () => {
  it.each([
    [null, 'null'],
    [true, 'true'],
    [-1.5, '(-1.5)'],
    [1e21, '1e+21'],
    [new Date('2026-03-01T10:00:00.5Z'), `timestamp '2026-03-01 10:00:00.500'`],
    [`O'Neil; --`, `'O''Neil; --'`],
    ['a\\', `('a' || chr(92) || '')`],
  ])('%o becomes %s', (value, literal) => {
    expect(sqlLiteral(value)).toBe(literal)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 'a\0b'])('%o is refused', (value) => {
    expect(() => sqlLiteral(value)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
  })
})

describe('bindLiterals', () => {
  it('placeholders in strings, names and comments, stay as they are', () => {
    expect(bindLiterals(`select '$1', "$1", $1 -- $1\n, $2, $1`, [1, 'x'])).toBe(`select '$1', "$1", 1 -- $1\n, 'x', 1`)
  })

  it('a placeholder without a value is told', () => {
    expect(() => bindLiterals('select $2', [1])).toThrow('Expected a value for $2; got 1 parameters.')
  })
})

describe('unloadSql', () => {
  const target = { s3Prefix: 's3://bucket/run-1/', iamRole: 'arn:aws:iam::123456789012:role/unload' }

  it('a statement with quotes and moments, is quoted once more', () => {
    const sql = unloadSql(
      `select * from fct_comments where body = 'x' and created_at < $1;`,
      [new Date('2026-03-01T00:00:00Z')],
      {
        ...target,
        partitionBy: ['date'],
      },
    )
    expect(
      sql,
    ).toBe(`unload ('select * from fct_comments where body = ''x'' and created_at < timestamp ''2026-03-01 00:00:00.000''')
to 's3://bucket/run-1/'
iam_role 'arn:aws:iam::123456789012:role/unload'
format as parquet
partition by (date);`)
  })

  it.each([
    { ...target, s3Prefix: `s3://b/'; drop` },
    { ...target, iamRole: 'admin' },
    { ...target, partitionBy: ['a; b'] },
  ])('a target that is none (%o) is refused', (wrong) => {
    expect(() => unloadSql('select 1', [], wrong)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
  })
})
