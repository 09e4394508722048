import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config.ts'
import { AppError } from '../errors.ts'

const problemsOf = (env: Record<string, string>): string => {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  return ''
}

describe('loadConfig', () => {
  it('with nothing set gives the embedded world on loopback', () => {
    const config = loadConfig({})
    expect(config).toMatchObject({ port: 8080, host: '127.0.0.1', mlflow: undefined, apiKeys: [] })
    expect(config.warehouse.kind).toBe('duckdb')
    expect(config.online.kind).toBe('lmdb')
    expect(config.registryDir.startsWith(config.dataDir)).toBe(true)
  })

  it('with an empty variable treats it as absent', () => {
    expect(loadConfig({ PORT: '', REDIS_URL: '' })).toMatchObject({ port: 8080, online: { kind: 'lmdb' } })
  })

  it('with server addresses moves warehouse, online store and tracking there', () => {
    const config = loadConfig({
      WAREHOUSE_URL: 'redshift://analyst@host:5439/dev',
      REDIS_URL: 'redis://cache:6379/2',
      MLFLOW_TRACKING_URI: 'http://mlflow:5000',
    })
    expect(config.warehouse).toMatchObject({
      kind: 'postgres',
      url: 'redshift://analyst@host:5439/dev',
      schema: 'marts',
    })
    expect(config.online).toEqual({ kind: 'redis', url: 'redis://cache:6379/2' })
    expect(config.mlflow).toEqual({ uri: 'http://mlflow:5000', experiment: 'contentflow', namePrefix: '' })
  })

  it('splits API keys at commas and drops blanks', () => {
    expect(loadConfig({ API_KEYS: ' one, ,two ' }).apiKeys).toEqual(['one', 'two'])
  })

  it('with a name for the models of this system puts it before theirs, and refuses one that MLflow would', () => {
    const server = { MLFLOW_TRACKING_URI: 'http://mlflow:5000' }
    expect(loadConfig({ ...server, MLFLOW_MODEL_PREFIX: 'staging-' }).mlflow?.namePrefix).toBe('staging-')
    expect(problemsOf({ ...server, MLFLOW_MODEL_PREFIX: 'team/a:' })).toContain('MLFLOW_MODEL_PREFIX is "team/a:"')
  })

  it('names every wrong variable with what came', () => {
    const message = problemsOf({ PORT: '99999', WAREHOUSE_SCHEMA: 'marts; drop table', REDIS_URL: 'cache:6379' })
    expect(message).toContain('PORT is "99999"')
    expect(message).toContain('WAREHOUSE_SCHEMA is "marts; drop table"')
    expect(message).toContain('REDIS_URL is "cache:6379"')
  })

  it('never repeats a password of a wrong address', () => {
    const message = problemsOf({
      WAREHOUSE_URL: 'mysql://bob:s3cret@h/x',
      REDIS_URL: 'http://:s3cret@h',
      MLFLOW_TRACKING_URI: 'ftp://bob:s3cret@h',
    })
    expect(message).toContain('mysql://***@h/x')
    expect(message).not.toContain('s3cret')
  })
})
