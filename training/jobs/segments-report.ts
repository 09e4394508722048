import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { Segments } from '../../models/payloads/segments.ts'
import type { Projection } from '../estimators/segmentation.ts'
import { chartColour } from '../report/chart-svg.ts'
import type { ReportSection } from '../report/report.ts'

export function segmentsReport(
  { segments, features }: Segments,
  metrics: readonly MetricRow[],
  curve: readonly { readonly k: number; readonly silhouette: number }[],
  projection: Projection,
  heldOut: number,
): readonly ReportSection[] {
  return [
    {
      kind: 'metrics',
      title: 'Are the segments real?',
      rows: metrics,
      note: `Stability: how alike two segmentations of ${heldOut} held-out users are when one was fitted on another half of the others; the range is over eight halves. “permuted features” is the same procedure where each feature was shuffled on its own, so that there is nothing to find.`,
    },
    {
      kind: 'table',
      title: 'The segments',
      header: ['Segment', 'Users', 'Share and what sets it apart'],
      rows: segments.map(({ name, users, description }) => [name, users, description]),
    },
    {
      kind: 'chart',
      title: 'How many segments?',
      caption: 'Silhouette by number of segments, on users of the fitting part; the highest was chosen.',
      height: 280,
      option: {
        grid: { left: 70, right: 24, top: 24, bottom: 56 },
        xAxis: {
          type: 'category',
          name: 'number of segments',
          nameLocation: 'middle',
          nameGap: 32,
          data: curve.map(({ k }) => String(k)),
        },
        yAxis: { type: 'value', name: 'silhouette', nameLocation: 'middle', nameGap: 46 },
        series: [
          {
            type: 'bar',
            barMaxWidth: 36,
            itemStyle: { color: chartColour('series1') },
            data: curve.map(({ silhouette }) => Number(silhouette.toFixed(4))),
          },
        ],
      },
    },
    {
      kind: 'text',
      title: 'Method',
      paragraphs: [
        `${features.length} features of the last four weeks, the skewed ones in logarithms, standardised; ${projection.kept} principal components that hold ${(100 * projection.variance).toFixed(0)} % of the variance; k-means from several seeds.`,
      ],
    },
  ]
}
