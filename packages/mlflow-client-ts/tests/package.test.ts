import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const repository = resolve(root, '../..')
const tsc = join(repository, 'node_modules/typescript/bin/tsc')

/** npm as it is run by hand; nothing of it may need the network. */
const npm = (cwd: string, ...options: string[]): string =>
  execFileSync('npm', options, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })

describe('the package, packed from a folder of its own and installed in another', () => {
  let base: string
  let program: string
  let files: string[]
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'mlflow-package-'))
    const folder = join(base, 'package')
    cpSync(root, folder, { recursive: true, filter: (path) => !/\/(node_modules|dist|tests)$/.test(path) })
    // In place of `npm install`, which would ask the network: its devDependencies are those of the repository.
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction')
    npm(folder, 'pack', '--ignore-scripts=false', '--pack-destination', base)
    program = join(base, 'program')
    mkdirSync(program)
    writeFileSync(join(program, 'package.json'), '{"type":"module"}')
    const tarball = readdirSync(base).find((name) => name.endsWith('.tgz'))!
    npm(program, 'install', '--offline', '--no-audit', '--no-fund', join(base, tarball))
    const installed = join(program, 'node_modules/mlflow-client-ts')
    files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(installed, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it('names as its own all that its build needs', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(Object.keys(devDependencies)).toEqual(['@types/node', 'typescript'])
    expect(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')).not.toContain('../')
  })

  it('runs on plain Node', () => {
    const script = `import { MlflowClient } from 'mlflow-client-ts'; console.log(new MlflowClient('http://u:p@h:1/').uri)`
    const options = ['--input-type=module', '-e', script]
    expect(execFileSync(process.execPath, options, { cwd: program, encoding: 'utf8' }).trim()).toBe('http://h:1')
  })

  it('gives types to a program that uses it', () => {
    symlinkSync(join(repository, 'node_modules/@types'), join(program, 'node_modules/@types'), 'junction')
    symlinkSync(join(repository, 'node_modules/undici-types'), join(program, 'node_modules/undici-types'), 'junction')
    const check = (line: string): string => {
      writeFileSync(join(program, 'main.ts'), `import { MlflowClient } from 'mlflow-client-ts'\n${line}\n`)
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
        'main.ts',
      ]
      return spawnSync(process.execPath, [tsc, ...options], { cwd: program, encoding: 'utf8' }).stdout
    }
    expect(check("const run = await new MlflowClient('').runs.get('r'); const id: string = run.info.runId")).toBe('')
    expect(check("const id: number = (await new MlflowClient('').runs.get('r')).info.runId")).toContain("'string'")
  })

  it('contains the built files, README and LICENSE, and nothing else', () => {
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']),
    )
    expect(
      files.filter((path) => !/^(LICENSE|README\.md|package\.json|dist\/[a-z-]+\.(js|d\.ts))$/.test(path)),
    ).toEqual([])
  })
})
