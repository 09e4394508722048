import { describe, expect, it } from 'vitest'
import { EventColumns } from '../../../training/datasets/event-columns.ts'
import { groupByUser, groupEvents, type InteractionColumns } from '../../../training/datasets/group-by-user.ts'
import { historyOf, type Interactions } from '../../../training/datasets/interactions.ts'
import {
  assertNoLeak,
  sampleHeldOut,
  splitByTime,
  splitLeaveLast,
} from '../../../training/datasets/interactions-split.ts'

const columns = (rows: readonly (readonly [string, string, number])[]): InteractionColumns => ({
  userIds: rows.map(([user]) => user),
  itemIds: rows.map(([, item]) => item),
  times: rows.map(([, , time]) => time),
})
const idsOf = (data: Interactions, user: string): string[] =>
  [...historyOf(data, data.users.indexOf(user))].map((item) => data.items[item]!)

describe('groupByUser', () => {
  const rows = columns([
    ['b', 'x', 1],
    ['a', 'y', 2],
    ['b', 'z', 3],
    ['b', 'x', 4],
    ['a', 'x', 5],
  ])

  it('numbers users by first appearance, keeps the order of each history', () => {
    const data = groupByUser(rows, { minInteractions: 1, firstOnly: false })
    expect(data.users).toEqual(['b', 'a'])
    expect(idsOf(data, 'b')).toEqual(['x', 'z', 'x'])
    expect(idsOf(data, 'a')).toEqual(['y', 'x'])
    expect([...data.times]).toEqual([1, 3, 4, 2, 5])
  })

  it('with firstOnly, drops what a user has had before', () => {
    expect(idsOf(groupByUser(rows, { minInteractions: 1, firstOnly: true }), 'b')).toEqual(['x', 'z'])
  })

  it('leaves out users with too little, and the items that only they had', () => {
    const data = groupByUser(
      columns([
        ['a', 'x', 1],
        ['b', 'y', 2],
        ['b', 'z', 3],
      ]),
      { minInteractions: 2, firstOnly: true },
    )
    expect(data.users).toEqual(['b'])
    expect(data.items).toEqual(['y', 'z'])
  })

  it('keeps the order of the columns on equal times', () => {
    const data = groupByUser(
      columns([
        ['a', 'z', 1],
        ['a', 'x', 1],
        ['a', 'y', 1],
      ]),
      { minInteractions: 1, firstOnly: true },
    )
    expect(idsOf(data, 'a')).toEqual(['z', 'x', 'y'])
  })
})

describe('splitLeaveLast', () => {
  const data = groupByUser(
    columns([
      ['a', 'p', 1],
      ['a', 'q', 2],
      ['a', 'r', 3],
      ['a', 's', 4],
      ['b', 'p', 1],
      ['b', 'q', 2],
    ]),
    { minInteractions: 1, firstOnly: true },
  )
  const split = splitLeaveLast(data)

  it('holds out the last item as test and the second-last as validation', () => {
    expect(idsOf(split.train, 'a')).toEqual(['p', 'q'])
    expect(idsOf(split.trainAndValidation, 'a')).toEqual(['p', 'q', 'r'])
    expect([...split.validation.items[0]!].map((item) => data.items[item])).toEqual(['r'])
    expect([...split.test.items[0]!].map((item) => data.items[item])).toEqual(['s'])
  })

  it('keeps users with fewer than three items in training, unjudged', () => {
    expect(idsOf(split.train, 'b')).toEqual(['p', 'q'])
    expect([...split.test.users]).toEqual([data.users.indexOf('a')])
  })

  it('leaks nothing', () => {
    expect(() => assertNoLeak(split.train, split.validation, data)).not.toThrow()
    expect(() => assertNoLeak(split.trainAndValidation, split.test, data)).not.toThrow()
  })

  it('is caught when the training part holds the test item', () => {
    expect(() => assertNoLeak(data, split.test, data)).toThrow(
      'Leak: item s of user a is held out, yet is in the training data',
    )
  })
})

describe('splitByTime', () => {
  // Ten interactions at 0 … 9: validation from 8 (80 %), test from 9 (90 %).
  const data = groupByUser(
    columns(Array.from({ length: 10 }, (_, time) => [time % 2 === 0 ? 'even' : 'odd', `item-${time}`, time] as const)),
    { minInteractions: 1, firstOnly: true },
  )

  it('cuts once for everyone', () => {
    const split = splitByTime(data, { validationShare: 0.1, testShare: 0.1 })
    expect(idsOf(split.train, 'even')).toEqual(['item-0', 'item-2', 'item-4', 'item-6'])
    expect(split.validation.users.length).toBe(1)
    expect(data.items[split.validation.items[0]![0]!]).toBe('item-8')
    expect(data.items[split.test.items[0]![0]!]).toBe('item-9')
    expect(() => assertNoLeak(split.trainAndValidation, split.test, data)).not.toThrow()
  })

  it('says so when nobody is on both sides of the cut', () => {
    const strangers = groupByUser(
      columns([
        ['a', 'x', 1],
        ['b', 'y', 2],
      ]),
      { minInteractions: 1, firstOnly: true },
    )
    expect(() => splitByTime(strangers, { validationShare: 0.3, testShare: 0.3 })).toThrow(/leave-last/)
  })
})

describe('sampleHeldOut', () => {
  const heldOut = { users: Int32Array.from([2, 4, 6, 8]), items: [1, 2, 3, 4].map((item) => Int32Array.from([item])) }

  it('keeps each drawn user with their own items', () => {
    const { users, items } = sampleHeldOut(heldOut, 2, 1)
    expect(users.length).toBe(2)
    for (const [i, user] of users.entries()) expect(items[i]![0]).toBe(user / 2)
  })

  it('takes everyone where they are no more than the limit', () => {
    expect(sampleHeldOut(heldOut, 4, 1)).toBe(heldOut)
  })
})

describe('interactions with weights', () => {
  const events = new EventColumns({ weighted: true })
  for (const [user, item, weight] of [
    ['a', 'v', 1],
    ['a', 'w', 1],
    ['a', 'x', -1],
    ['a', 'y', 1],
    ['a', 'w', 2],
    ['a', 'z', -1],
    ['b', 'x', 1],
    ['b', 'y', 1],
    ['b', 'z', -1],
  ] as const) {
    events.push(user, item, events.length, weight)
  }
  const data = groupEvents(events, { minInteractions: 1, firstOnly: true })

  it('several events with one item: one interaction, their weights added', () => {
    expect(idsOf(data, 'a')).toEqual(['v', 'w', 'x', 'y', 'z'])
    expect([...data.weights!]).toEqual([1, 3, -1, 1, -1, 1, 1, -1])
  })

  it('leave-last: holds out what was liked last, and learns from the dislikes before it', () => {
    const { train, validation, trainAndValidation, test } = splitLeaveLast(data)
    // b liked two items only: not judged
    expect([...test.users]).toEqual([0])
    expect(data.items[test.items[0]![0]!]).toBe('y')
    expect(data.items[validation.items[0]![0]!]).toBe('w')
    expect(idsOf(trainAndValidation, 'a')).toEqual(['v', 'w', 'x'])
    expect([...trainAndValidation.weights!.subarray(0, 3)]).toEqual([1, 3, -1])
    expect(idsOf(train, 'a')).toEqual(['v'])
    expect(idsOf(train, 'b')).toEqual(['x', 'y', 'z'])
  })

  it('by time: holds out nothing that was disliked', () => {
    const weighted = new EventColumns({ weighted: true })
    for (const [time, item] of [...'vwxyz'].entries()) weighted.push('a', item, time, item === 'y' ? -1 : 1)
    const own = groupEvents(weighted, { minInteractions: 1, firstOnly: true })
    // cuts at the times of ⌊5·¼⌋ and ⌊5·½⌋: w is the validation; of x, y and z after it y was disliked
    const { validation, test } = splitByTime(own, { validationShare: 0.25, testShare: 0.5 })
    expect([...validation.items[0]!].map((item) => own.items[item])).toEqual(['w'])
    expect([...test.items[0]!].map((item) => own.items[item])).toEqual(['x', 'z'])
  })
})
