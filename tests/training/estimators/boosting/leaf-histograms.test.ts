import { afterEach, describe, expect, it } from 'vitest'
import { createRandom } from '../../../../training/backend/random.ts'
import type { FeatureBins } from '../../../../training/estimators/boosting/feature-bins.ts'
import { LeafHistograms } from '../../../../training/estimators/boosting/leaf-histograms.ts'

let opened: LeafHistograms | undefined
afterEach(() => opened?.close())

const open = (bins: FeatureBins): LeafHistograms => {
  opened = new LeafHistograms(bins)
  return opened
}

describe('LeafHistograms', () => {
  const bins = {
    rowCount: 4,
    edges: [Float32Array.of(1), Float32Array.of()],
    codes: [Uint8Array.of(0, 1, 2, 2), Uint8Array.of(1, 1, 0, 1)],
  }
  const gradient = Float32Array.of(1, 10, 100, 1000)
  const curvature = Float32Array.of(1, 2, 3, 4)

  it('sums pairs by code, and takes a part off the whole', async () => {
    const histograms = open(bins)
    histograms.order.set([3, 1, 0, 2])
    histograms.choose(Int32Array.of(0, 1))
    const whole = await histograms.count([0, 4], gradient, curvature, undefined)
    expect(whole.sums).toEqual({ gradient: 1111, curvature: 10, count: 4 })
    // feature 0: missing, low, high; feature 1: missing, known
    expect([...whole.histogram.values]).toEqual([1, 1, 10, 2, 1100, 7, 100, 3, 1011, 7])
    // rows 0 and 2
    const part = await histograms.count([2, 4], gradient, curvature, whole.histogram)
    expect([...part.histogram.values]).toEqual([1, 1, 0, 0, 100, 3, 100, 3, 1, 1])
    expect([...whole.histogram.values]).toEqual([0, 0, 10, 2, 1000, 4, 0, 0, 1010, 6])
  })

  it('uses a histogram again as if it were new, and counts only what was chosen', async () => {
    const histograms = open(bins)
    histograms.order.set([0, 1, 2, 3])
    histograms.choose(Int32Array.of(0, 1))
    histograms.giveBack((await histograms.count([0, 4], gradient, curvature, undefined)).histogram)
    histograms.choose(Int32Array.of(1))
    const { histogram } = await histograms.count([1, 2], gradient, curvature, undefined)
    expect([...histogram.values.subarray(histograms.offset(1))]).toEqual([0, 0, 10, 2])
  })

  it('gives the same sums on all cores as one after the other', async () => {
    const [rowCount, features, codes] = [900_000, 6, 12]
    const random = createRandom(4)
    const many = {
      rowCount,
      edges: Array.from({ length: features }, () => new Float32Array(codes - 2)),
      codes: Array.from({ length: features }, () => Uint8Array.from({ length: rowCount }, () => random.int(codes))),
    }
    const ofRows = Float32Array.from({ length: rowCount }, () => random.int(9) - 4)
    const ones = new Float32Array(rowCount).fill(1)
    const histograms = open(many)
    histograms.order.set(Int32Array.from({ length: rowCount }, (_, i) => i))
    histograms.choose(Int32Array.from({ length: features }, (_, i) => i))
    const { histogram } = await histograms.count([0, rowCount], ofRows, ones, undefined)
    const expected = new Float64Array(2 * features * codes)
    many.codes.forEach((column, feature) => {
      for (let row = 0; row < rowCount; row++) {
        const at = 2 * (feature * codes + column[row]!)
        expected[at]! += ofRows[row]!
        expected[at + 1]! += 1
      }
    })
    expect(histogram.values).toEqual(expected)
  })
})
