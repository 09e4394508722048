#!/usr/bin/env node
// Adds to package-lock.json the platform packages (optional dependencies for other systems) that `npm install` leaves out when the
// registry in use mirrors only some platforms. Without them `npm ci` refuses the lock file. Run it after each `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))
const packages = lock.packages

/** Where Node would find `name` from the package at `from`, or undefined. */
function find(from, name) {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const candidate = `${base === '' ? '' : `${base}/`}node_modules/${name}`
    if (candidate in packages) return candidate
    if (base === '') return undefined
  }
}

const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
  'aix',
  'wasm32',
]
const processors = ['arm64', 'arm', 'ia32', 'x64', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el']

/** npm's `os`, `cpu` and `libc` of a platform package, which by custom are parts of its name. */
function platform(name) {
  const words = name.split(/[/-]/)
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find(
    (processor) =>
      words.includes(processor) ||
      (processor === 'arm' && words.some((word) => word.endsWith('eabi') || word.endsWith('eabihf'))),
  )
  if (os === undefined || cpu === undefined) throw new Error(`${name}: cannot tell its platform from its name`)
  const musl = words.some((word) => word.startsWith('musl'))
  const gnu = words.some((word) => word.startsWith('gnu'))
  return { os: [os], cpu: [cpu], ...(musl ? { libc: ['musl'] } : gnu ? { libc: ['glibc'] } : {}) }
}

let added = 0
for (const [from, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (find(from, name) !== undefined) continue
    packages[`node_modules/${name}`] = {
      version: range.replace(/^[~^]/, ''),
      ...platform(name),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
    }
    added++
  }
}

const [root, ...rest] = Object.entries(packages)
lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))])
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} platform packages added to package-lock.json`)
