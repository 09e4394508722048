import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import process from 'node:process'
import type { BenchmarkResult } from '../../training/benchmark/benchmark-recommender.ts'
import type { CommandContext } from '../command.ts'

/** A model that could not be fitted, and why. */
export interface FailedBenchmark {
  readonly model: string
  readonly error: string
  /** Whether it is only not for this data or this machine: it finds too little, or needs too much. */
  readonly leftOut: boolean
}

const notForThisData = /^(DATA_INSUFFICIENT|TOO_LARGE): /

const command = resolve(import.meta.dirname, '../contentflow.mjs')

/**
 * Runs this very command once for each model, one after the other, each in a process of its own: so that a model's memory and
 * time are its own, and one that fails stops no other.
 *
 * @param onRow is awaited after each model, with all rows so far
 * @returns a row for each model; those that were finished when a signal stopped it
 */
export async function benchmarkEach(
  models: readonly string[],
  { signal, progress }: CommandContext,
  onRow: (rows: readonly (BenchmarkResult | FailedBenchmark)[]) => Promise<void>,
): Promise<(BenchmarkResult | FailedBenchmark)[]> {
  const rows: (BenchmarkResult | FailedBenchmark)[] = []
  for (const [i, model] of models.entries()) {
    progress.update('bench', i, models.length, model)
    const row = await benchmarkOne(model, signal)
    if (signal.aborted) return rows
    rows.push(row)
    await onRow(rows)
  }
  progress.done('bench', `${models.length} models`)
  return rows
}

/** The flags that this process adds or that are its own. */
const own = new Set(['--model', '--write'])

function flagsOfEach(): string[] {
  const given = process.argv.slice(2)
  return given.filter((flag, i) => !(own.has(flag) || own.has(given[i - 1]!) || flag === '--all' || flag === '--json'))
}

function benchmarkOne(model: string, signal: AbortSignal): Promise<BenchmarkResult | FailedBenchmark> {
  const flags = [...flagsOfEach(), '--model', model, '--json']
  const child = spawn(process.execPath, [...process.execArgv, command, ...flags], {
    // By the channel it sees that this process has gone, however that ended.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: process.env,
  })
  const stop = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  let answer = ''
  let said = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
    if (process.stderr.isTTY) process.stderr.write(text)
  })
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop)
      if (code === 0) {
        const { models: _, ...row } = JSON.parse(answer) as BenchmarkResult & { models: unknown }
        done(row)
      } else {
        const reason = errorIn(said) ?? `ended with ${killedBy ?? `code ${code}`}`
        done({ model, error: reason, leftOut: notForThisData.test(reason) })
      }
    })
  })
}

/** The line that names the error: logs come before it, and the stack of a bug behind it. */
const errorIn = (said: string): string | undefined => said.split('\n').findLast((line) => /^[A-Z][A-Z_]+: /.test(line))
