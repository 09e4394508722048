import type { FeatureTable } from '../../training/datasets/content-table.ts'

/** Three drafts, and the views of the first day of the first two. */
export const threeDrafts: FeatureTable = {
  rowCount: 3,
  featureCount: 1,
  numericFields: [{ name: 'hour', source: 'draft', unit: '', description: '' }],
  numeric: Float32Array.of(1, 2, 3),
  categoricalFields: [],
  categorical: [],
  texts: { title: ['a', 'b', 'c'], description: ['', '', ''], tags: ['', '', ''] },
}
export const firstViews = { kind: 'known', names: ['views'], values: Float32Array.of(9, 99, Number.NaN) } as const
