import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (name: string): string => readFileSync(new URL(`../../docker/${name}`, import.meta.url), 'utf8')
const dockerfile = read('Dockerfile')
const compose = read('compose.yaml')
const hasHadolint = spawnSync('hadolint', ['--version']).status === 0

describe('docker/Dockerfile', () => {
  it('runs as an ordinary user, from pinned images, without development dependencies', () => {
    expect(/^USER (\d+)/m.exec(dockerfile)?.[1]).toBe('1000')
    for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) {
      expect(image).toMatch(/^(base|node:\d+\.\d+\.\d+-bookworm-slim)$/)
    }
    expect(dockerfile).toContain('npm ci --omit=dev')
  })

  it('asks /healthz whether the service is well', () => {
    expect(dockerfile).toMatch(/HEALTHCHECK[\s\S]*\/healthz/)
  })

  it.skipIf(!hasHadolint)('passes hadolint (skipped: hadolint is not installed; docker/validate.sh fetches it)', () => {
    const { status, stdout } = spawnSync('hadolint', ['-'], { input: dockerfile, encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})

describe('docker/compose.yaml', () => {
  it('holds no password and no key: they are required from the environment', () => {
    expect(compose).toContain(`POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?`)
    expect(compose).toContain(`API_KEYS: \${API_KEYS:?`)
    for (const [, value] of compose.matchAll(/^\s*\w*(?:PASSWORD|SECRET|KEYS?|TOKEN)\w*:\s*(.*)$/gm))
      expect(value).toMatch(/^\$\{/)
  })

  it('lets MLflow answer to its service name, which it refuses by default', () => {
    expect(compose).toMatch(/--allowed-hosts=mlflow:\*/)
  })
})
