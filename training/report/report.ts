import type { EChartsOption } from 'echarts'
import type { MetricRow } from '../../models/artifact/manifest.ts'

/** A figure, a text, or a text with what is of less weight below it, as an interval. */
export type TableCell = string | number | { readonly text: string; readonly below: string }

/** A picture; `caption` says how to read it and what it shows. */
export interface Chart {
  readonly title: string
  readonly caption: string
  readonly option: EChartsOption
  readonly height?: number
}

/** A part of a run's report, in the order it is read. */
export type ReportSection =
  | { readonly kind: 'text'; readonly title: string; readonly paragraphs: readonly string[] }
  | { readonly kind: 'metrics'; readonly title: string; readonly rows: readonly MetricRow[]; readonly note?: string }
  | {
      readonly kind: 'table'
      readonly title: string
      readonly header: readonly string[]
      readonly rows: readonly (readonly TableCell[])[]
      readonly note?: string
    }
  | (Chart & {
      readonly kind: 'chart'
      /** What is drawn on a narrow screen, by default the same. */
      readonly narrow?: EChartsOption
    })
  /** Small charts side by side; on a narrow screen one below the other. */
  | { readonly kind: 'charts'; readonly title: string; readonly note: string; readonly charts: readonly Chart[] }

/** A remark as a sentence of its own. */
export const sentence = (remark: string): string => `${remark.charAt(0).toUpperCase()}${remark.slice(1)}.`

/** One run as a person reads it; everything that `renderReport` puts on the page. */
export interface RunReport {
  /** Names the model, e.g. `engagement`. */
  readonly title: string
  /** One sentence: what the model predicts, from what. */
  readonly subtitle: string
  /** Label and value pairs of the header, e.g. `['Run', 'a1b2c3']`, `['Seed', '1']`, `['Data', '2020-01-01 to 2020-12-01']`. */
  readonly facts: readonly (readonly [label: string, value: string])[]
  /** True when the training data came from the sample generator: the page then says that its metrics mean nothing. */
  readonly synthetic: boolean
  /** The gate's verdict; undefined while there is none. */
  readonly verdict?: { readonly passed: boolean; readonly reason: string }
  readonly sections: readonly ReportSection[]
}
