import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { Command } from 'commander'
import type { Config } from '../config.ts'
import { AppError, toAppError } from '../errors.ts'
import { silentLogger } from '../log.ts'
import { action, type CommandContext } from './command.ts'

/** What one look at this machine found. `advice` says what to do; a failure keeps something from working at all. */
interface Finding {
  readonly subject: string
  readonly state: 'ok' | 'warning' | 'failure'
  readonly found: string
  readonly advice?: string
}

const examples = `
Examples:
  contentflow doctor                                  what this machine has, and what to do about what is missing
  WAREHOUSE_URL=redshift://… contentflow doctor       the same with your settings, before the first real run
  contentflow doctor --json | jq '.[] | select(.state != "ok")'`

/** `contentflow doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at this machine, its servers and data, and say what to do about what is missing')
    .option('--json', 'findings as JSON', false)
    .addHelpText('after', examples)
    .action(action((context, options: { json: boolean }) => doctor(context, options.json)))
}

async function doctor(context: CommandContext, json: boolean): Promise<void> {
  const { config, print } = context
  const looks: readonly [string, (config: Config) => Promise<Omit<Finding, 'subject'>>][] = [
    ['Node', node],
    ['machine', machine],
    ['disk', disk],
    ['training backend', trainingBackend],
    ['serving runtime', servingRuntime],
    ['warehouse', warehouse],
    ['online store', onlineStore],
    ['registry', registry],
    ['port', port],
  ]
  const findings: Finding[] = []
  for (const [subject, look] of looks) {
    const finding = { subject, ...(await look(config).catch(failure)) }
    findings.push(finding)
    if (!json) print(line(finding))
  }
  if (json) print(JSON.stringify(findings, null, 2))
  const failed = findings.filter((finding) => finding.state === 'failure')
  if (failed.length > 0) {
    const subjects = failed.map((finding) => finding.subject)
    throw new AppError('CONFLICT', `Not in order: ${subjects.join(', ')}. The lines above say what to do.`)
  }
}

const marks = { ok: '✓', warning: '!', failure: '✗' } as const

const line = ({ subject, state, found, advice }: Finding): string =>
  `${marks[state]} ${subject.padEnd(17)} ${found}${advice === undefined ? '' : `\n  → ${advice}`}`

function failure(error: unknown): Omit<Finding, 'subject'> {
  const { code, message } = toAppError(error)
  return { state: code === 'WAREHOUSE_MISSING' ? 'warning' : 'failure', found: code, advice: message }
}

async function node(): Promise<Omit<Finding, 'subject'>> {
  const major = Number(process.versions.node.split('.')[0])
  const found = `${process.version} on ${process.platform} ${process.arch}`
  if (major < 20) return { state: 'failure', found, advice: 'Install Node 20 or later.' }
  if (major > 26) return { state: 'warning', found, advice: 'Tested on Node 20 to 26.' }
  return { state: 'ok', found }
}

async function machine(): Promise<Omit<Finding, 'subject'>> {
  const gib = totalmem() / 2 ** 30
  const found = `${availableParallelism()} cores, ${gib.toFixed(1)} GiB of memory`
  if (gib < 2) return { state: 'warning', found, advice: 'Training may need more: lower DUCKDB_MEMORY_MB.' }
  return { state: 'ok', found }
}

async function disk(config: Config): Promise<Omit<Finding, 'subject'>> {
  // DATA_DIR may not exist yet; its parent then says how much is free.
  const at = await statfs(config.dataDir).catch(() => statfs(dirname(config.dataDir)))
  const free = (at.bavail * at.bsize) / 2 ** 30
  const found = `${free.toFixed(1)} GiB free for ${config.dataDir}`
  if (free < 1) return { state: 'warning', found, advice: 'Free some space, or set DATA_DIR to another disk.' }
  return { state: 'ok', found }
}

async function trainingBackend(config: Config): Promise<Omit<Finding, 'subject'>> {
  const { openBackend } = await import('../training/backend/select-backend.ts')
  const { name, reason } = await openBackend({ prefer: config.tfjsBackend, log: silentLogger })
  return { state: 'ok', found: `TF.js on ${name} (${reason})` }
}

async function servingRuntime(): Promise<Omit<Finding, 'subject'>> {
  await import('../serving/runtime/open-scorer.ts')
  return { state: 'ok', found: 'onnxruntime loads' }
}

async function warehouse(config: Config): Promise<Omit<Finding, 'subject'>> {
  const { openMartSource } = await import('../features/sources/open-mart-source.ts')
  const source = await openMartSource(config)
  try {
    const [row] = await source.rows('select cast(count(*) as double precision) as contents from dim_content')
    const contents = Number(row?.contents ?? 0)
    const found = `${source.dialect}: ${contents.toLocaleString('en')} contents`
    if (contents > 0) return { state: 'ok', found }
    const [events] = await source.rows('select cast(count(*) as double precision) as events from fct_interactions')
    const advice =
      Number(events?.events ?? 0) > 0
        ? 'It has events, but nothing can be recommended without dim_content: `contentflow import csv dim_content …`.'
        : 'Fill it: `contentflow sample`, or `contentflow import …`.'
    return { state: 'warning', found, advice }
  } finally {
    await source.close()
  }
}

async function onlineStore(config: Config): Promise<Omit<Finding, 'subject'>> {
  const advice = 'Fill it: `contentflow features build`, then `contentflow features materialise`.'
  const { online } = config
  // To open it would create it, and a look leaves nothing behind.
  if (online.kind === 'lmdb' && !existsSync(online.path)) {
    return { state: 'warning', found: `${online.kind}: there is none yet`, advice }
  }
  const { openOnlineStore } = await import('../features/store/open-online-store.ts')
  const store = await openOnlineStore(config)
  try {
    const version = await store.version()
    if (version !== undefined) return { state: 'ok', found: `${store.kind}: version ${version}` }
    return { state: 'warning', found: `${store.kind}: empty`, advice }
  } finally {
    await store.close()
  }
}

async function registry(config: Config): Promise<Omit<Finding, 'subject'>> {
  const { openRegistry } = await import('../models/registry/open-registry.ts')
  const { modelNames } = await import('../models/artifact/manifest.ts')
  const opened = await openRegistry(config, silentLogger)
  try {
    const versions = await opened.list()
    const champions = versions.filter((version) => version.aliases.includes('champion')).map((version) => version.model)
    const missing = modelNames.filter((name) => !champions.includes(name))
    const found = `${opened.kind}: ${versions.length} versions, champions: ${champions.join(', ') || 'none'}`
    if (missing.length === 0) return { state: 'ok', found }
    return { state: 'warning', found, advice: `No champion: ${missing.join(', ')}. \`contentflow train all\`.` }
  } finally {
    await opened.close()
  }
}

async function port(config: Config): Promise<Omit<Finding, 'subject'>> {
  const at = `${config.host}:${config.port}`
  const server = createServer()
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve).listen(config.port, config.host, () => resolve(undefined))
  })
  if (error !== undefined) {
    return { state: 'warning', found: `${at} is not free (${error.code})`, advice: 'Set PORT to another one.' }
  }
  await new Promise((resolve) => server.close(resolve))
  return { state: 'ok', found: `${at} is free` }
}
