import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const productFolders = ['features', 'models', 'training', 'serving', 'pipelines', 'cli', 'packages']

/** Which of our folders a folder may import from, besides itself and the root files. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  features: [],
  models: ['features', 'packages'],
  training: ['features', 'models', 'packages'],
  serving: ['features', 'models'],
  pipelines: ['features', 'models', 'training', 'packages'],
  cli: ['features', 'models', 'training', 'serving', 'pipelines', 'packages'],
  packages: [],
}

/** The only places that may import a dependency; `types` says that type-only imports are free. */
const doors: readonly { readonly name: RegExp; readonly places: readonly string[] }[] = [
  { name: /^@tensorflow\//, places: ['training/'] },
  { name: /^onnxruntime/, places: ['serving/runtime/', 'training/backend/'] },
  { name: /^express$/, places: ['serving/http/', 'serving/app.ts'] },
  { name: /^@duckdb\//, places: ['features/sources/', 'features/store/'] },
  { name: /^pg$/, places: ['features/sources/', 'features/store/'] },
  { name: /^(lmdb|ioredis)$/, places: ['features/store/'] },
  { name: /^echarts/, places: ['training/report/'] },
  { name: /^commander$/, places: ['cli/'] },
  { name: /^croner$/, places: ['pipelines/'] },
  { name: /^prom-client$/, places: ['serving/http/'] },
  { name: /^pino$/, places: ['log.ts'] },
  { name: /^ml-(matrix|kmeans)$/, places: ['training/'] },
  { name: /^pbf$/, places: ['training/export/'] },
  { name: /^#mlflow-client$/, places: ['models/registry/', 'training/tracking/'] },
]

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (name === 'node_modules' || name === 'dist' || name === 'tests') return []
    if (statSync(path).isDirectory()) return sourceFiles(path)
    return /\.(ts|mjs)$/.test(name) ? [path] : []
  })
}

function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '')
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm
  return [...text.matchAll(pattern)].map((match) => ({
    file: relative(root, path),
    target: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }))
}

const files = productFolders.flatMap((folder) => sourceFiles(join(root, folder)))
const imports = files.flatMap(importsOf)

const ownFolder = (path: string): string => path.split('/')[0] ?? ''

/** The file inside this repository that an import means, or undefined for a dependency. */
function inside(entry: Import): string | undefined {
  if (entry.target === '#mlflow-client') return 'packages/mlflow-client-ts/src/index.ts'
  if (!entry.target.startsWith('.')) return undefined
  return relative(root, resolve(root, dirname(entry.file), entry.target))
}

describe('architecture', () => {
  it('reads imports at all', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(imports.some((entry) => entry.target === 'express')).toBe(true)
    expect(imports.some((entry) => inside(entry)?.startsWith('features/'))).toBe(true)
  })

  it('data flows one way: no folder imports against the direction', () => {
    const wrong = imports.flatMap((entry) => {
      const target = inside(entry)
      if (target === undefined || !target.includes('/')) return []
      const from = ownFolder(entry.file)
      const to = ownFolder(target)
      return from === to || allowed[from]?.includes(to) ? [] : [`${entry.file} imports ${target}`]
    })
    expect(wrong).toEqual([])
  })

  it.each(doors.map((door) => ({ ...door, title: String(door.name) })))(
    '$title comes in by one door',
    ({ name, places }) => {
      const wrong = imports
        .filter((entry) => name.test(entry.target) && !entry.typeOnly)
        .filter((entry) => !places.some((place) => entry.file.startsWith(place)))
        .map((entry) => `${entry.file} imports ${entry.target}`)
      expect(wrong).toEqual([])
    },
  )

  it('settings are read from the environment where the process starts, and nowhere else', () => {
    const readers = files
      .filter((path) => /process\.env\b/.test(readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
      .map((path) => relative(root, path))
      .filter((path) => !path.startsWith('cli/'))
    expect(readers).toEqual([])
  })

  it('no source file is longer than 400 lines', () => {
    const long = files
      .filter((path) => readFileSync(path, 'utf8').split('\n').length > 401)
      .map((path) => relative(root, path))
    expect(long).toEqual([])
  })
})
