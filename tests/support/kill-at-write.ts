// Promotes version argv[5], or registers the artifact folder argv[5], in the local registry argv[2] (argv[4]: promote | register), and is
// killed, as by `kill -9`, just before its argv[3]-th step on the disk. Prints `done` when it got to its end.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [registryDir = '', step = '1', action, what = ''] = process.argv.slice(2)

/** The module as it lets itself be changed: only this process sees it. */
const disk = fs as unknown as Record<'open' | 'rename' | 'cp' | 'rm', (...args: unknown[]) => Promise<unknown>>
let steps = 0
for (const name of ['open', 'rename', 'cp', 'rm'] as const) {
  const original = disk[name]
  disk[name] = (...args) => {
    // Copied files are opened once more to be synced, each as the one before.
    if (args[1] !== 'r+') steps++
    if (steps === Number(step)) process.kill(process.pid, 'SIGKILL')
    return original(...args)
  }
}
syncBuiltinESMExports()

const { openLocalRegistry } = await import('../../models/registry/local-registry.ts')
const registry = openLocalRegistry(registryDir, { actor: 'child' })
if (action === 'register') await registry.register(what, 'by a child process')
else await registry.promote('recommender', Number(what), 'by a child process')
process.stdout.write('done')
