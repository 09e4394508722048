import { execFileSync } from 'node:child_process'

export interface GitRevision {
  readonly gitSha: string | null
  readonly gitBranch: string | null
}

/** Commit and branch of the code that runs; null where it does not run in a clone, or there is no git. */
export function gitRevision(): GitRevision {
  const git = (...args: string[]): string | null => {
    try {
      const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
      return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio }).trim() || null
    } catch {
      return null
    }
  }
  return { gitSha: git('rev-parse', 'HEAD'), gitBranch: git('rev-parse', '--abbrev-ref', 'HEAD') }
}
