import type { Estimate } from '../../models/artifact/manifest.ts'

/** `.0742` */
export const figureText = (number: number): string => number.toFixed(4).replace(/^(-?)0\./, '$1.')

/** `.0742 [.0608, .0870]` */
export function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '–'
  const { value, low, high } = estimate
  return low === null || high === null
    ? figureText(value)
    : `${figureText(value)} [${figureText(low)}, ${figureText(high)}]`
}
