import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A Python program that answers each line of JSON with one; it sleeps while it waits. */
export interface PythonSide {
  ask(question: object): Promise<unknown>
  close(): Promise<void>
}

/**
 * Starts a program of a benchmark with the Python of the benchmark's own environment, made at its first use.
 *
 * @param venv         folder of the environment
 * @param requirements what is installed there
 * @param setup        the first line that the program reads; it does not answer it
 */
export function startPython(venv: string, requirements: string, program: string, setup: object): PythonSide {
  const child = spawn(pythonOf(venv, requirements), [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.stdin.write(`${JSON.stringify(setup)}\n`)
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${program} ended; its last words are above.`)
      return JSON.parse(value)
    },
    async close() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

function pythonOf(venv: string, requirements: string): string {
  const executable = join(venv, 'bin', 'python')
  if (!existsSync(executable)) {
    execFileSync('python3', ['-m', 'venv', venv], { stdio: ['ignore', 2, 2] })
    execFileSync(executable, ['-m', 'pip', 'install', '-q', '-r', requirements], { stdio: ['ignore', 2, 2] })
  }
  return executable
}
