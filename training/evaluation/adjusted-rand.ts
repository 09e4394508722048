/**
 * Adjusted Rand index of two partitions of the same things: 1 = the same up to names, about 0 = what chance gives.
 *
 * ARI = (Σ C(nᵢⱼ,2) − E) / (½(Σ C(aᵢ,2) + Σ C(bⱼ,2)) − E), E = Σ C(aᵢ,2)·Σ C(bⱼ,2) / C(n,2)   (Hubert & Arabie 1985, eq. 5)
 *
 * @param a cluster of each thing, integers ≥ 0; `[n]`
 * @param b the same for the other partition; `[n]`
 * @returns 1 when both put everything into one cluster, or n < 2
 */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const joint = new Map<string, number>()
  const left = new Map<number, number>()
  const right = new Map<number, number>()
  for (let i = 0; i < a.length; i++) {
    const key = `${a[i]},${b[i]}`
    joint.set(key, (joint.get(key) ?? 0) + 1)
    left.set(a[i]!, (left.get(a[i]!) ?? 0) + 1)
    right.set(b[i]!, (right.get(b[i]!) ?? 0) + 1)
  }
  const together = pairs(joint.values())
  const inLeft = pairs(left.values())
  const inRight = pairs(right.values())
  const chance = a.length < 2 ? 0 : (inLeft * inRight) / ((a.length * (a.length - 1)) / 2)
  const most = (inLeft + inRight) / 2
  return most === chance ? 1 : (together - chance) / (most - chance)
}

function pairs(counts: Iterable<number>): number {
  let sum = 0
  for (const count of counts) sum += (count * (count - 1)) / 2
  return sum
}
