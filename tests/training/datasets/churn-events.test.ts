import { describe, expect, it } from 'vitest'
import type { Spell } from '../../../training/datasets/audience-days.ts'
import { churnEvents } from '../../../training/datasets/churn-events.ts'

/** One person who was there on these days of a world that ends before day 200. */
const person = (days: number[], spells: Spell[] = [], endDay = 200) => ({
  userIds: ['user'],
  days: [Int32Array.from(days)],
  spells: [spells],
  firstDay: 0,
  endDay,
})
const never = Number.POSITIVE_INFINITY

describe('churnEvents', () => {
  it('silence: after 28 whole days, which is known at the midnight that ends them', () => {
    const { lostAt, isAtRisk } = churnEvents(person([10]), 'silence')
    // Silent from day 11 to day 38.
    expect(lostAt(0, 11)).toBe(39)
    expect([10, 11, 38, 39].map((day) => isAtRisk(0, day))).toEqual([false, true, true, false])
  })

  it('silence: a visit after 27 whole days of it saves, one after 28 does not', () => {
    expect(churnEvents(person([10, 38]), 'silence').lostAt(0, 11)).toBe(67)
    expect(churnEvents(person([10, 39]), 'silence').lostAt(0, 11)).toBe(39)
  })

  it('silence: not over when the data ends, is not known', () => {
    expect(churnEvents(person([10], [], 39), 'silence').lostAt(0, 11)).toBe(39)
    expect(churnEvents(person([10], [], 38), 'silence').lostAt(0, 11)).toBe(never)
  })

  it('silence: who came back can be lost again', () => {
    const { lostAt, isAtRisk } = churnEvents(person([10, 100]), 'silence')
    expect(isAtRisk(0, 100)).toBe(false)
    expect(isAtRisk(0, 101)).toBe(true)
    expect(lostAt(0, 101)).toBe(129)
  })

  const spells = [
    { start: 1, end: 30 },
    { start: 5, end: 20 },
  ]

  it('leaving: with the last subscription, those begun meanwhile included', () => {
    expect(churnEvents(person([10], spells), 'leaving').lostAt(0, 11)).toBe(31)
    expect(churnEvents(person([10], [...spells, { start: 30, end: 50 }]), 'leaving').lostAt(0, 11)).toBe(51)
    // Begun after there was none: the person had left.
    expect(churnEvents(person([10], [...spells, { start: 31, end: never }]), 'leaving').lostAt(0, 11)).toBe(31)
    expect(churnEvents(person([10], [{ start: 1, end: never }]), 'leaving').lostAt(0, 11)).toBe(never)
  })

  it('leaving: only those who are subscribed can', () => {
    const { isAtRisk } = churnEvents(person([10, 32], spells), 'leaving')
    expect([11, 33].map((day) => isAtRisk(0, day))).toEqual([true, false])
  })

  it('either: what comes first; silence alone for someone without a subscription', () => {
    expect(churnEvents(person([10], spells), 'either').lostAt(0, 11)).toBe(31)
    expect(churnEvents(person([10], [{ start: 1, end: 60 }]), 'either').lostAt(0, 11)).toBe(39)
    expect(churnEvents(person([10]), 'either').lostAt(0, 11)).toBe(39)
  })
})
