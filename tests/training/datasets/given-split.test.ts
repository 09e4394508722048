import { describe, expect, it } from 'vitest'
import { EventColumns } from '../../../training/datasets/event-columns.ts'
import { joinSplit, withHeldOut } from '../../../training/datasets/given-split.ts'
import { historyOf } from '../../../training/datasets/interactions.ts'

/** `user:item` pairs separated by blanks. */
const file = (text: string): EventColumns => {
  const events = new EventColumns()
  for (const pair of text.split(' ')) events.push(...(pair.split(':') as [string, string]), events.length)
  return events
}

describe('joinSplit', () => {
  it('counts what cannot be judged; an item that only the test has is held out, and known to nobody', () => {
    const split = joinSplit(file('a:x a:y b:x'), file('a:z'), file('a:new a:x stranger:y'))
    expect(split.unjudged).toEqual({ validation: 0, test: 2 }) // a:x is in training, stranger is nobody there
    expect(split.train.items).toEqual(['x', 'y', 'z'])
    expect([...split.test.items[0]!]).toEqual([3])
  })

  it('a catalogue makes items known that nobody had', () => {
    const split = joinSplit(file('a:x a:y b:x'), undefined, file('a:new'), ['y', 'new', 'other'])
    expect(split.train.items).toEqual(['x', 'y', 'new', 'other'])
    expect([...split.test.items[0]!]).toEqual([2])
  })

  it('leaves unseen users of the validation part out, and counts them', () => {
    const split = joinSplit(file('a:x a:y b:x'), file('a:z c:x d:y'), file('b:y'))
    expect([...split.validation!.users]).toEqual([0])
    expect(split.unjudged).toEqual({ validation: 2, test: 0 })
  })

  it('does not judge twice what is in validation and test', () => {
    const split = joinSplit(file('a:x b:x'), file('a:y'), file('a:y b:y'))
    expect([...split.test.users]).toEqual([1])
    expect(split.unjudged).toEqual({ validation: 0, test: 1 })
  })

  it('drops repeats within a user', () => {
    const split = joinSplit(file('a:x a:x a:y'), undefined, file('a:z a:z'))
    expect([...historyOf(split.train, 0)]).toEqual([0, 1])
    expect([...split.test.items[0]!]).toEqual([2])
  })

  it('takes users of one event and items of one event', () => {
    const split = joinSplit(file('a:x b:y c:z'), undefined, file('a:y'))
    expect([...split.train.offsets]).toEqual([0, 1, 2, 3])
    expect([...split.test.users]).toEqual([0])
  })

  it('withHeldOut puts the validation item at the end of its history', () => {
    const split = joinSplit(file('a:x a:y b:x'), file('a:z'), file('a:new'))
    const whole = withHeldOut(split.train, split.validation!)
    expect([...historyOf(whole, 0)]).toEqual([0, 1, 2])
    expect([...historyOf(whole, 1)]).toEqual([0])
    expect([...whole.times]).toEqual([0, 1, 2, 0])
  })

  it.each([
    [
      'other users altogether',
      'a:x',
      'b:y',
      'No user of the test file is in the training file: the one has e.g. "a", the other "b". Ids are texts',
    ],
    ['users with leading zeros', '7:x', '007:y', '"7", the other "007", which differ by leading zeros'],
    ['users as decimals', '7:x', '7.0:y', '"7", the other "7.0", which differ by decimals'],
    ['users with a prefix', 'user-7:x', '7:y', '"user-7", the other "7", which differ by a prefix before the number'],
    [
      'items in capitals',
      'a:x',
      'a:X',
      'No item of the test file is in the training file: the one has e.g. "x", the other "X", which differ by capitals',
    ],
    ['nothing new', 'a:x a:y', 'a:x', 'Nobody in the test file has something there'],
  ])('refuses %s, with the likely reason', (_, train, test, message) => {
    expect(() => joinSplit(file(train), undefined, file(test))).toThrow(message)
  })

  it('refuses a validation file of strangers as well', () => {
    expect(() => joinSplit(file('a:x'), file('b:x'), file('a:y'))).toThrow('No user of the validation file')
  })

  it('takes test items that are all new: a content model may find them', () => {
    expect(joinSplit(file('a:x'), undefined, file('a:new')).test.users.length).toBe(1)
  })
})
