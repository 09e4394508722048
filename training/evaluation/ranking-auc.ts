/**
 * Area under the ROC curve of one user's ranking: the share of pairs (held-out item, other candidate) that are in the right order; a tie
 * counts half.
 *
 * AUC = Σ_{r∈R} Σ_{n∈N} ([s_r > s_n] + ½·[s_r = s_n]) ÷ (|R|·|N|) (Rendle et al. 2009, section 4.1). It weighs the end of the ranking as
 * much as its beginning, which nobody sees: shown beside NDCG, never instead.
 *
 * @param scores   `[items]`, none NaN; −Infinity says no candidate (the history)
 * @param relevant held-out items, no repeats; one of −Infinity, or without a score, is behind every other
 * @returns a number in [0, 1]; NaN when nothing is held out, or nothing else is a candidate
 */
export function rankingAuc(scores: Float32Array, relevant: Int32Array): number {
  const held = Float64Array.from(relevant, (item) => scores[item] ?? Number.NEGATIVE_INFINITY).sort()
  const worst = held[0]!
  const best = held.at(-1)!
  let right = 0
  let candidates = 0
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!
    if (score === Number.NEGATIVE_INFINITY) continue
    candidates++
    if (score < worst) right += held.length
    else if (score <= best) right += countAbove(held, score)
  }
  // Held-out items were taken as others too: each pair of them, and each with itself, gave a half.
  const ranked = held.filter((score) => score !== Number.NEGATIVE_INFINITY).length
  return (right - ranked ** 2 / 2) / (held.length * (candidates - ranked))
}

/** How many of the ascending values are greater, the equal ones counting half. */
function countAbove(ascending: Float64Array, score: number): number {
  let above = 0
  for (let i = ascending.length - 1; i >= 0 && ascending[i]! >= score; i--) above += ascending[i] === score ? 0.5 : 1
  return above
}
