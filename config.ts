import { join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from './errors.ts'

const flag = z.enum(['true', 'false', '1', '0']).transform((v) => v === 'true' || v === '1')
const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

/** Every setting of the product, its variable, its range and its default: the only list of them. */
const environment = z.object({
  PORT: integer(0, 65535).default(8080).describe('TCP port of the service; 0 picks a free one'),
  HOST: z.string().min(1).default('127.0.0.1').describe('address the service listens on'),
  DATA_DIR: z.string().min(1).default('./data').describe('folder of the embedded warehouse, stores and registry'),
  WAREHOUSE_URL: z
    .string()
    .regex(/^(postgres|postgresql|redshift):\/\//, 'expected postgres://… or redshift://…')
    .optional()
    .describe('Redshift or PostgreSQL with the marts; without it an embedded DuckDB file in DATA_DIR'),
  WAREHOUSE_SCHEMA: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected an SQL identifier')
    .default('marts')
    .describe('schema of the marts in the warehouse'),
  WAREHOUSE_TIMEOUT_SECONDS: integer(1, 86_400)
    .default(600)
    .describe('longest single statement in the warehouse, seconds'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'expected redis://… or rediss://…')
    .optional()
    .describe('Redis as online store; without it an embedded LMDB folder in DATA_DIR'),
  MLFLOW_TRACKING_URI: z
    .string()
    .regex(/^https?:\/\//, 'expected http://… or https://…')
    .optional()
    .describe('MLflow server for runs and registry; without it a local folder in DATA_DIR'),
  MLFLOW_EXPERIMENT: z.string().min(1).default('contentflow').describe('MLflow experiment of the runs'),
  MLFLOW_MODEL_PREFIX: z
    .string()
    .regex(/^[\w.-]*$/, 'expected letters, digits, . _ or -')
    .default('')
    .describe('put before the registered name of each model, for several systems on one MLflow server'),
  API_KEYS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((key) => key.trim())
        .filter((key) => key !== ''),
    )
    .describe('comma-separated API keys; required unless HOST is a loopback address'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least severe log level shown'),
  MODEL_POLL_SECONDS: integer(1, 3600)
    .default(5)
    .describe('how often the service looks for a newly promoted model, seconds'),
  BODY_LIMIT_BYTES: integer(1024, 1 << 30)
    .default(1 << 20)
    .describe('largest accepted request body, bytes'),
  DUCKDB_MEMORY_MB: integer(256, 1 << 20)
    .default(4096)
    .describe('memory limit of the embedded DuckDB, MB'),
  DUCKDB_THREADS: integer(1, 1024).optional().describe('threads of the embedded DuckDB; all cores by default'),
  TFJS_BACKEND: z.enum(['wasm', 'native', 'auto']).default('wasm').describe('TF.js backend for training'),
  METRICS: flag.default(true).describe('whether /metrics is served'),
})

const settingNames = Object.keys(environment.shape)

export interface Config {
  readonly port: number
  readonly host: string
  readonly dataDir: string
  readonly warehouse:
    | { readonly kind: 'duckdb'; readonly path: string; readonly schema: string }
    | { readonly kind: 'postgres'; readonly url: string; readonly schema: string; readonly timeoutSeconds: number }
  readonly duckdb: { readonly memoryMb: number; readonly threads: number | undefined }
  readonly featuresDir: string
  readonly online: { readonly kind: 'lmdb'; readonly path: string } | { readonly kind: 'redis'; readonly url: string }
  readonly registryDir: string
  readonly runsDir: string
  readonly eventsDir: string
  readonly rejectsDir: string
  readonly mlflow: { readonly uri: string; readonly experiment: string; readonly namePrefix: string } | undefined
  readonly apiKeys: readonly string[]
  readonly logLevel: string
  readonly modelPollSeconds: number
  readonly bodyLimitBytes: number
  readonly tfjsBackend: 'wasm' | 'native' | 'auto'
  readonly metrics: boolean
}

/**
 * Reads all settings from environment variables; the only reader of them.
 *
 * @param env usually `process.env`; an empty value counts as absent
 * @throws AppError CONFIG_INVALID naming every wrong variable, what was expected and what came
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(settingNames.map((name) => [name, env[name] === '' ? undefined : env[name]]))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      return `${name} is ${shown(name, env[name])}: ${issue.message}`
    })
    throw new AppError('CONFIG_INVALID', `${problems.join('; ')}. Set it in the environment.`, {
      details: { problems },
    })
  }
  const v = parsed.data
  const dataDir = resolve(v.DATA_DIR)
  return {
    port: v.PORT,
    host: v.HOST,
    dataDir,
    warehouse:
      v.WAREHOUSE_URL === undefined
        ? { kind: 'duckdb', path: join(dataDir, 'warehouse.duckdb'), schema: v.WAREHOUSE_SCHEMA }
        : {
            kind: 'postgres',
            url: v.WAREHOUSE_URL,
            schema: v.WAREHOUSE_SCHEMA,
            timeoutSeconds: v.WAREHOUSE_TIMEOUT_SECONDS,
          },
    duckdb: { memoryMb: v.DUCKDB_MEMORY_MB, threads: v.DUCKDB_THREADS },
    featuresDir: join(dataDir, 'features'),
    online:
      v.REDIS_URL === undefined ? { kind: 'lmdb', path: join(dataDir, 'online') } : { kind: 'redis', url: v.REDIS_URL },
    registryDir: join(dataDir, 'registry'),
    runsDir: join(dataDir, 'runs'),
    eventsDir: join(dataDir, 'events'),
    rejectsDir: join(dataDir, 'rejects'),
    mlflow:
      v.MLFLOW_TRACKING_URI === undefined
        ? undefined
        : { uri: v.MLFLOW_TRACKING_URI, experiment: v.MLFLOW_EXPERIMENT, namePrefix: v.MLFLOW_MODEL_PREFIX },
    apiKeys: v.API_KEYS,
    logLevel: v.LOG_LEVEL,
    modelPollSeconds: v.MODEL_POLL_SECONDS,
    bodyLimitBytes: v.BODY_LIMIT_BYTES,
    tfjsBackend: v.TFJS_BACKEND,
    metrics: v.METRICS,
  }
}

/** A wrong value as an error may show it: addresses without their user and password, keys not at all. */
function shown(name: string, value: string | undefined): string {
  if (name === 'API_KEYS') return 'not accepted'
  return JSON.stringify(value?.replace(/\/\/[^/@]*@/, '//***@'))
}
