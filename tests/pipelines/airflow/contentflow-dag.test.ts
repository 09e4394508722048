import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modelNames } from '../../../models/artifact/manifest.ts'

const file = new URL('../../../pipelines/airflow/contentflow_dag.py', import.meta.url)
const hasPython = spawnSync('python3', ['--version']).status === 0

describe('the Airflow DAG', () => {
  it.skipIf(!hasPython)('is Python (skipped where python3 is not installed)', () => {
    const check = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
      input: readFileSync(file),
      encoding: 'utf8',
    })
    expect(check.stderr).toBe('')
    expect(check.status).toBe(0)
  })

  it('trains every model there is', () => {
    const list = /MODELS = \[([^\]]*)\]/.exec(readFileSync(file, 'utf8'))![1]!
    expect(list.split(',').map((name) => name.trim().replaceAll('"', ''))).toEqual([...modelNames])
  })
})
