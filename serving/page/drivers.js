import { element } from './api.js'

/** A driver that moves a prediction by less than the strongest by this factor is left out. */
const leastShare = 0.03
const mostShown = 8

/**
 * What drives a prediction, as bars to the left of a middle line for what lowers it, and to the right for what raises it.
 *
 * @param {string} heading
 * @param {{ drivers: { label: string, factor?: number, points?: number }[] }} explanation
 * @param {string} typical what the drivers lead away from, in words
 */
export function driversChart(heading, { drivers }, typical) {
  const strongest = Math.max(...drivers.map(sizeOf), 0)
  const shown = drivers.filter((driver) => sizeOf(driver) > strongest * leastShare).slice(0, mostShown)
  if (shown.length === 0) return []
  return [
    element('h3', '', heading),
    element('ul', 'drivers', ...shown.map((driver) => row(driver, strongest))),
    element(
      'p',
      'note',
      `Against ${typical}, which is typical of contents of the past. What the model rests on, no claim of causes.`,
    ),
  ]
}

function row(driver, strongest) {
  const effect = effectOf(driver)
  const bar = element('div', effect < 0 ? 'bar lowers' : 'bar raises')
  bar.style.width = `${(50 * Math.abs(effect)) / strongest}%`
  return element(
    'li',
    '',
    element('span', 'label', driver.label),
    element('div', 'axis', bar),
    element('span', 'effect', effectText(driver)),
  )
}

/** Factors are compared by their logarithms: half as much weighs as much as twice as much. */
const effectOf = ({ factor, points }) => (factor === undefined ? points : Math.log(factor))
const sizeOf = (driver) => Math.abs(effectOf(driver))

const effectText = ({ factor, points }) =>
  factor === undefined ? `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)} points` : `×${factor.toFixed(2)}`
