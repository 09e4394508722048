import type { Command } from 'commander'
import { vi } from 'vitest'
import type { CommandResult } from './command.ts'

/**
 * Runs one command of the CLI inside the test process, which takes milliseconds instead of the seconds of a new one.
 *
 * @param env settings for the time of the command, on top of those of the test process
 */
export async function runInProcess(
  command: Command,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  let stdout = ''
  let stderr = ''
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      stdout += String(text)
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += String(text)
      return true
    }),
  ]
  for (const [name, value] of Object.entries({ LOG_LEVEL: 'silent', MLFLOW_TRACKING_URI: '', ...env })) {
    vi.stubEnv(name, value)
  }
  try {
    await command.parseAsync(args, { from: 'user' })
    return { code: Number(process.exitCode ?? 0), stdout, stderr }
  } finally {
    process.exitCode = 0
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}
