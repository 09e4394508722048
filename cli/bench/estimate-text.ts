import type { Estimate } from '../../models/artifact/manifest.ts'

/** `.0742 [.0608, .0870]` */
export function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '–'
  const { value, low, high } = estimate
  const text = (number: number): string => number.toFixed(4).replace(/^0\./, '.')
  return low === null || high === null ? text(value) : `${text(value)} [${text(low)}, ${text(high)}]`
}
