import { describe, expect, it } from 'vitest'
import { runCommand } from '../support/command.ts'

describe('contentflow', () => {
  it('with an unknown command says so and exits 2', async () => {
    const { code, stderr } = await runCommand(['trian'], {})
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("unknown command 'trian'") })
  })

  it('with a wrong flag of a subcommand exits 2', async () => {
    const { code, stderr } = await runCommand(['marts', 'ddl', '--dialect', 'oracle'], {})
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('duckdb') })
  })

  it('with --help lists every command and exits 0', async () => {
    const { code, stdout } = await runCommand(['--help'], {})
    expect(code).toBe(0)
    for (const name of [
      'demo',
      'sample',
      'import',
      'marts',
      'features',
      'train',
      'evaluate',
      'models',
      'serve',
      'retrain',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
  })

  it('with a wrong setting names the variable and exits 2', async () => {
    const { code, stderr } = await runCommand(['marts', 'check'], { PORT: 'eighty' })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('PORT is "eighty"') })
  })
})
