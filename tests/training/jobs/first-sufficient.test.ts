import { expect, it } from 'vitest'
import { AppError } from '../../../errors.ts'
import { silentLogger as log } from '../../../log.ts'
import { firstSufficient } from '../../../training/jobs/first-sufficient.ts'

const tooFew = (headline: string): never => {
  throw new AppError('DATA_INSUFFICIENT', `Too few ${headline}.`)
}

it('takes the first of which there is enough', () => {
  const read = (headline: string) => (headline === 'views_7d' ? tooFew(headline) : headline)
  expect(firstSufficient(['views_7d', 'likes_7d', 'shares_7d'], read, log)).toBe('likes_7d')
})

it('says what it tried, and what the one lacks that takes the fewest days', () => {
  expect(() => firstSufficient(['revenue_28d', 'revenue_7d', 'revenue_14d'], tooFew, log)).toThrow(
    'None of revenue_28d, revenue_7d, revenue_14d is known of enough. Too few revenue_7d.',
  )
  expect(() => firstSufficient(['views_7d', 'likes_7d'], tooFew, log)).toThrow('enough. Too few views_7d.')
  expect(() => firstSufficient(['views_7d'], tooFew, log)).toThrow(/^Too few views_7d.$/)
})

it('does not try another where something else is wrong', () => {
  const read = () => {
    throw new AppError('WAREHOUSE_FAILED', 'gone')
  }
  expect(() => firstSufficient(['views_7d', 'likes_7d'], read, log)).toThrow('gone')
})
