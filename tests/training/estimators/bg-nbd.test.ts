import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import {
  type BgNbd,
  fitBgNbd,
  logLikelihood,
  type PurchaseHistory,
  silenceProbability,
} from '../../../training/estimators/bg-nbd.ts'
import { logBeta, logGamma } from '../../../training/estimators/log-gamma.ts'
import { auc } from '../../../training/evaluation/classification.ts'

/** What Fader, Hardie & Lee 2005 found for a tenth of CDNOW's customers, in weeks. */
const published: BgNbd = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }

/** Π of the two densities over rate and dropout, integrated by the midpoint rule: the likelihood without its closed form. */
function integrated({ r, alpha, a, b }: BgNbd, { repeats: x, last, age }: PurchaseHistory): number {
  const steps = 2000
  let sum = 0
  for (let i = 0; i < steps; i++) {
    // λ = v/(1 − v) covers all rates; its density and dλ = dv/(1 − v)² together.
    const v = (i + 0.5) / steps
    const rate = v / (1 - v)
    const gamma = Math.exp(r * Math.log(alpha) + (r - 1) * Math.log(rate) - alpha * rate - logGamma(r)) / (1 - v) ** 2
    for (let j = 0; j < 200; j++) {
      const p = (j + 0.5) / 200
      const beta = Math.exp((a - 1) * Math.log(p) + (b - 1) * Math.log(1 - p) - logBeta(a, b))
      const alive = (1 - p) ** x * rate ** x * Math.exp(-rate * age)
      const stopped = x === 0 ? 0 : p * (1 - p) ** (x - 1) * rate ** x * Math.exp(-rate * last)
      sum += (gamma * beta * (alive + stopped)) / steps / 200
    }
  }
  return sum
}

/** People as the model thinks of them, seen for `age` weeks. */
function simulate({ r, alpha, a, b }: BgNbd, people: number, age: number): PurchaseHistory[] {
  const random = createRandom(5)
  const exponential = (): number => -Math.log(1 - random.uniform())
  // Gamma and Beta with whole-numbered shapes are sums of exponentials.
  const gamma = (shape: number): number =>
    Array.from({ length: shape }, exponential).reduce((sum, value) => sum + value, 0)
  return Array.from({ length: people }, () => {
    const rate = gamma(r) / alpha
    const g = gamma(a)
    const p = g / (g + gamma(b))
    let [repeats, last] = [0, 0]
    for (let alive = true; alive; ) {
      const next = last + exponential() / rate
      if (next > age) break
      repeats++
      last = next
      alive = random.uniform() >= p
    }
    return { repeats, last, age }
  })
}

describe('BG/NBD', () => {
  it('has the likelihood of its story, integrated over rates and dropout', () => {
    const model = { r: 2, alpha: 5, a: 2, b: 3 }
    for (const history of [
      { repeats: 0, last: 0, age: 10 },
      { repeats: 3, last: 6, age: 10 },
      { repeats: 1, last: 0.5, age: 30 },
    ]) {
      expect(Math.exp(logLikelihood(model, history)) / integrated(model, history)).toBeCloseTo(1, 3)
    }
  })

  it('finds the parameters that people were drawn with', () => {
    const model = { r: 2, alpha: 6, a: 1, b: 3 }
    const fitted = fitBgNbd(simulate(model, 5000, 52))
    expect(fitted.r / model.r).toBeCloseTo(1, 1)
    expect(fitted.alpha / model.alpha).toBeCloseTo(1, 1)
    // The mean dropout is what the data tell of a and b.
    expect(fitted.a / (fitted.a + fitted.b)).toBeCloseTo(0.25, 1)
  })

  it('foretells silence: certain of nothing ahead, more likely the longer it lasts already, less the longer it has to', () => {
    const history = { repeats: 6, last: 20, age: 22 }
    expect(silenceProbability(published, history, 0)).toBe(1)
    const ahead = [1, 4, 13].map((weeks) => silenceProbability(published, history, weeks))
    expect(ahead).toEqual([...ahead].sort((x, y) => y - x))
    expect(silenceProbability(published, { ...history, age: 30 }, 4)).toBeGreaterThan(ahead[1]!)
    // Nobody who never came again can have stopped: (α + T)^r/(α + T + t)^r.
    expect(silenceProbability(published, { repeats: 0, last: 0, age: 10 }, 5)).toBeCloseTo(
      (14.414 / 19.414) ** 0.243,
      10,
    )
  })

  it('says so when nobody came a second time', () => {
    expect(() => fitBgNbd([{ repeats: 0, last: 0, age: 3 }])).toThrow(/second time/)
  })
})

const file = join(import.meta.dirname, '../../../../shared/data/cdnow/CDNOW_master.txt.gz')
const why = existsSync(file) ? '' : ' (skipped: cdnow/CDNOW_master.txt.gz is not there)'

describe.skipIf(why !== '')(`BG/NBD on CDNOW${why}`, () => {
  const day = (text: string): number =>
    Date.UTC(+text.slice(0, 4), +text.slice(4, 6) - 1, +text.slice(6, 8)) / 86_400_000
  /** Customers' days with a purchase, ascending. */
  const read = (): number[][] => {
    const bought = new Map<string, Set<number>>()
    for (const line of gunzipSync(readFileSync(file)).toString().trim().split('\n')) {
      const [id, date] = line.trim().split(/ +/)
      bought.set(id!, (bought.get(id!) ?? new Set()).add(day(date!)))
    }
    return [...bought.values()].map((days) => [...days].sort((x, y) => x - y))
  }
  const historiesUntil = (customers: number[][], end: number): PurchaseHistory[] =>
    customers.flatMap((days) => {
      const past = days.filter((its) => its <= end)
      if (past.length === 0) return []
      return [{ repeats: past.length - 1, last: (past.at(-1)! - past[0]!) / 7, age: (end - past[0]!) / 7 }]
    })

  it('comes near to what was published for a tenth of the customers, and orders as the reference does', () => {
    const customers = read()
    const end = day('20210930')
    const histories = historiesUntil(customers, end)
    const fitted = fitBgNbd(histories)
    for (const name of ['r', 'alpha', 'a', 'b'] as const) {
      expect(Math.abs(Math.log(fitted[name] / published[name]))).toBeLessThan(0.25)
    }
    // Everyone bought before the end, so histories and customers are in one order. Recency alone gets .763.
    const gone = customers.map((days) => (days.some((its) => its > end && its <= end + 90) ? 0 : 1))
    const score = histories.map((history) => silenceProbability(fitted, history, 90 / 7))
    expect(auc(score, gone)).toBeGreaterThan(0.763)
  }, 60_000)
})
