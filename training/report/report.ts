import type { EChartsOption } from 'echarts'
import type { MetricRow } from '../../models/artifact/manifest.ts'

/** A part of a run's report, in the order it is read. */
export type ReportSection =
  | { readonly kind: 'text'; readonly title: string; readonly paragraphs: readonly string[] }
  | { readonly kind: 'metrics'; readonly title: string; readonly rows: readonly MetricRow[]; readonly note?: string }
  | {
      readonly kind: 'table'
      readonly title: string
      readonly header: readonly string[]
      readonly rows: readonly (readonly (string | number)[])[]
    }
  | {
      readonly kind: 'chart'
      readonly title: string
      readonly caption: string
      readonly option: EChartsOption
      readonly height?: number
    }
