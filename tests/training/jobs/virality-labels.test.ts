import { expect, it } from 'vitest'
import { catalogueThreshold } from '../../../training/jobs/virality-labels.ts'
import { thresholdQuestion } from '../../../training/jobs/virality-questions.ts'

it('the default threshold is a quantile of the training part alone', () => {
  const views = Float64Array.of(10, 20, 30, 40, 50, 1e6, 1e6)
  // .75 of five values lies on the fourth
  expect(catalogueThreshold(views, Int32Array.of(4, 1, 0, 3, 2), 0.75)).toBe(40)
})

it('the question of a threshold names the count', () => {
  const known = { search: new Float64Array(0), final: new Float64Array(0) }
  const { target, definition } = thresholdQuestion(new Float64Array(0), known, 'views_7d', 12_345.6)
  expect(definition).toBe('more than 12,346 views within 7 days')
  expect(target).toMatchObject({ name: 'above_threshold_7d', threshold: 12_345.6 })
})
