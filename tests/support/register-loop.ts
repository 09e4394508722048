// Registers the artifact folder argv[3] in the local registry argv[2], argv[4] times; prints each version. A process of its own,
// to be killed or to run beside another.
import { openLocalRegistry } from '../../models/registry/local-registry.ts'

const [registryDir = '', artifactDir = '', times = '1'] = process.argv.slice(2)
const registry = openLocalRegistry(registryDir, { actor: 'child' })
for (let i = 0; i < Number(times); i++) {
  const { version } = await registry.register(artifactDir, 'by a child process')
  process.stdout.write(`${version}\n`)
}
