import { describe, expect, it } from 'vitest'
import {
  eventProbability,
  intervalOutcomes,
  lifeTable,
  weekEnds,
} from '../../../training/evaluation/discrete-hazard.ts'

const never = Number.POSITIVE_INFINITY

describe('weekEnds', () => {
  it('cuts the last week where the horizon ends', () => {
    expect(weekEnds(28)).toEqual([7, 14, 21, 28])
    expect(weekEnds(90).slice(-2)).toEqual([84, 90])
  })
})

describe('intervalOutcomes', () => {
  const outcomes = (event: number, observed: number) => [...intervalOutcomes([7, 14, 21], event, observed)]

  it('is 0 until the event, 1 where it falls, and unknown after', () => {
    expect(outcomes(14, 100)).toEqual([0, 1, Number.NaN]) // at the end of the second week
    expect(outcomes(14.5, 100)).toEqual([0, 0, 1])
    expect(outcomes(never, 100)).toEqual([0, 0, 0])
  })

  it('does not know a week that was not over, whatever was seen of it', () => {
    expect(outcomes(never, 13)).toEqual([0, Number.NaN, Number.NaN])
    expect(outcomes(10, 13)).toEqual([0, Number.NaN, Number.NaN])
    expect(outcomes(3, 6)).toEqual([Number.NaN, Number.NaN, Number.NaN])
  })
})

describe('eventProbability', () => {
  it('is what does not survive the hazards', () => {
    // 1 − .5·.8 and 1 − .9·1
    const probability = eventProbability([0.5, 0.2, 0.9, 0.1, 0, 0.9], 3, 2)
    expect([...probability]).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.1, 12)])
  })
})

describe('lifeTable', () => {
  it('counts who was at risk and to whom it happened, those who left observation not', () => {
    const outcomes = Float32Array.of(0, 1, Number.NaN, 0, 0, 0, 1, Number.NaN, Number.NaN, 0, Number.NaN, Number.NaN)
    expect(lifeTable(outcomes, 3, Int32Array.of(0, 1, 2, 3))).toEqual([
      { atRisk: 4, events: 1 },
      { atRisk: 2, events: 1 },
      { atRisk: 1, events: 0 },
    ])
  })
})
