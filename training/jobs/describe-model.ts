import type { TabularModel } from '../networks/tabular-model.ts'

/**
 * What a tabular model is made of, in words, as part of a sentence.
 *
 * @param start the linear model that its network starts from, e.g. `ridge`
 */
export function describeModel({ shape, epochs, network: { trees } }: TabularModel, start: string): string {
  const networks = `${shape.members} networks in one that start from the ${start} solution, best epoch ${epochs}${epochs === 0 ? ` (the ${start} solution itself was not beaten on the validation part)` : ''}`
  const treed = trees?.outputs.filter((_, t) => trees.shares[t]! > 0) ?? []
  if (treed.length === 0) return `${networks}, and no trees beside them`
  const count = treed.reduce((sum, { corrections, own }) => sum + corrections.length + own.length, 0)
  const share = Math.round((100 * trees!.shares.reduce((sum, its) => sum + its, 0)) / treed.length)
  const of =
    treed.length === shape.outputs ? '' : treed.length === 1 ? ' for the headline' : ` for ${treed.length} outputs`
  return `${networks}; beside them ${count} boosted trees${of}, with ${share} % of the say`
}
