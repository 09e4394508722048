import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const repository = resolve(root, '../..')
const tsc = join(repository, 'node_modules/typescript/bin/tsc')

describe('the published package', () => {
  let base: string
  let folder: string
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'mlflow-package-'))
    folder = join(base, 'package')
    cpSync(root, folder, { recursive: true, filter: (path) => !/\/(node_modules|dist|tests)$/.test(path) })
    execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')])
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it('runs on plain Node once it is built', () => {
    const entry = pathToFileURL(join(folder, 'dist/index.js')).href
    const script = `import { MlflowClient } from ${JSON.stringify(entry)}; console.log(new MlflowClient('http://u:p@h:1/').uri)`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(printed.trim()).toBe('http://h:1')
  })

  it('gives types to a program that uses it', () => {
    const program = join(base, 'program')
    cpSync(folder, join(program, 'node_modules/mlflow-client-ts'), { recursive: true })
    symlinkSync(join(repository, 'node_modules/@types'), join(program, 'node_modules/@types'))
    symlinkSync(join(repository, 'node_modules/undici-types'), join(program, 'node_modules/undici-types'))
    writeFileSync(join(program, 'package.json'), '{"type":"module"}')
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
    const [pack] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: folder,
        encoding: 'utf8',
        shell: process.platform === 'win32',
      }),
    )
    const files: string[] = pack.files.map(({ path }: { path: string }) => path)
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']),
    )
    expect(
      files.filter((path) => !/^(LICENSE|README\.md|package\.json|dist\/[a-z-]+\.(js|d\.ts))$/.test(path)),
    ).toEqual([])
  })
})
