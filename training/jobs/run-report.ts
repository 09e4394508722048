import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../../models/artifact/manifest.ts'
import { renderReport } from '../report/render-report.ts'
import type { ReportSection } from '../report/report.ts'
import type { Verdict } from './gate.ts'

export interface RunReportOptions {
  /** The run's folder; `report.html` and `metrics.json` are written there. */
  readonly workDir: string
  /** What the model predicts, one sentence. */
  readonly description: string
  readonly manifest: Manifest
  readonly report: readonly ReportSection[]
  readonly verdict: Verdict
}

/** Writes the report for a person and the same figures for a program. @returns the path of the report */
export async function writeRunReport({
  workDir,
  description,
  manifest,
  report,
  verdict,
}: RunReportOptions): Promise<string> {
  const html = renderReport({
    title: manifest.model,
    subtitle: description,
    facts: facts(manifest),
    synthetic: manifest.synthetic,
    verdict,
    sections: report,
  })
  const path = join(workDir, 'report.html')
  await writeFile(path, html)
  const { model, runId, seed, synthetic, data, config, metrics } = manifest
  await writeFile(
    join(workDir, 'metrics.json'),
    `${JSON.stringify({ model, runId, seed, synthetic, data, config, metrics, verdict }, null, 2)}\n`,
  )
  return path
}

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

function facts({ runId, seed, gitSha, backend, createdAt, data }: Manifest): [string, string][] {
  const span = data.from === null || data.to === null ? '' : `, ${day(data.from)} to ${day(data.to)}`
  return [
    ['Run', runId],
    ['Made at', `${createdAt.slice(0, 16).replace('T', ' ')} UTC`],
    ['Seed', String(seed)],
    ['Code', gitSha?.slice(0, 12) ?? 'unknown'],
    ['Backend', backend],
    ['Training data', `${data.rows.toLocaleString('en-US')} rows${span}`],
    ['Split', data.split],
  ]
}
