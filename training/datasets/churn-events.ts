import { countUpTo } from '../../features/transforms/count-up-to.ts'
import type { AudienceDays, Spell } from './audience-days.ts'

/**
 * Whole days without an interaction after which a person counts as silent: four of everybody's weeks, and as far as user_activity looks
 * back.
 */
export const silentDays = 28

/** What a person is lost by: `either` is what comes first. */
export const churnKinds = ['either', 'silence', 'leaving'] as const
export type ChurnKind = (typeof churnKinds)[number]

/**
 * When a person is lost: the midnight at which `silentDays` whole days have passed without an interaction, or at which no subscription is
 * left of a person who had one, whichever comes first.
 *
 * It is what an operator counts: each loss has one date, is known on that date, and those expected of some weeks add up to those of a month.
 * ("No interaction within the next 28 days" has no date within them, and one within the next 90 would be less likely, not more.) Someone
 * who ends one subscription of several is still a subscriber; someone without any is lost by silence alone.
 */
export interface ChurnEvents {
  /** Whether the person can still be lost: seen within `silentDays` whole days; for `leaving` also subscribed to someone. */
  isAtRisk(person: number, day: number): boolean
  /** The first midnight after that of `day` at which the person, at risk then, is lost; Infinity where that is not known to happen. */
  lostAt(person: number, day: number): number
}

/** @param kind of loss that counts */
export function churnEvents(audience: AudienceDays, kind: ChurnKind): ChurnEvents {
  const { days, spells, endDay } = audience
  return {
    isAtRisk: (person, day) =>
      silentAt(days[person]!, day) > day && (kind !== 'leaving' || openSpells(spells[person]!, day).length > 0),
    lostAt(person, day) {
      const silent = kind === 'leaving' ? Number.POSITIVE_INFINITY : firstSilence(days[person]!, day)
      const left = kind === 'silence' ? Number.POSITIVE_INFINITY : lastEnd(spells[person]!, day)
      const at = Math.min(silent, left)
      return at > endDay ? Number.POSITIVE_INFINITY : at
    },
  }
}

/** When who was last seen before `day` is silent, if not seen again; −Infinity for one who never was. */
function silentAt(days: Int32Array, day: number): number {
  const before = countUpTo(days, day - 1)
  return before === 0 ? Number.NEGATIVE_INFINITY : days[before - 1]! + 1 + silentDays
}

function firstSilence(days: Int32Array, day: number): number {
  let i = countUpTo(days, day - 1) - 1
  while (i + 1 < days.length && days[i + 1]! < days[i]! + 1 + silentDays) i++
  return days[i]! + 1 + silentDays
}

/** Subscriptions begun before the midnight of `day` and not ended by then. */
const openSpells = (spells: readonly Spell[], day: number): readonly Spell[] =>
  spells.filter(({ start, end }) => start < day && end >= day)

/** The midnight at which the last subscription has ended, those begun meanwhile included; Infinity for one who has none. */
function lastEnd(spells: readonly Spell[], day: number): number {
  let end = openSpells(spells, day).reduce((latest, spell) => Math.max(latest, spell.end), Number.NEGATIVE_INFINITY)
  if (end === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY
  for (const spell of spells) if (spell.start >= day && spell.start <= end) end = Math.max(end, spell.end)
  return end + 1
}
