import { ask, element, modelText, showing } from './api.js'
import { driversChart } from './drivers.js'

const result = document.getElementById('draft-result')
const field = (name) => document.getElementById(`draft-${name}`)
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const slot = new Intl.DateTimeFormat(undefined, { weekday: 'long', hour: '2-digit', minute: '2-digit' })

/** Prefills the form with tomorrow evening, and predicts. */
export async function startDraft() {
  const when = new Date(Date.now() + 86_400_000)
  when.setHours(18, 0, 0, 0)
  field('when').value = new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
  document.getElementById('draft-form').addEventListener('submit', (event) => {
    event.preventDefault()
    showing(result, predict)
  })
  await showing(result, predict)
}

async function predict() {
  const draft = draftOf()
  const [engagement, virality] = await Promise.allSettled([
    explained('/v1/predictions/engagement', draft, { suggest: true }),
    explained('/v1/predictions/virality', draft, {}),
  ])
  result.replaceChildren(...shown(engagement, engagementTable), ...shown(virality, viralityMeter))
}

/** With its drivers, but for models that were trained before there were any: their prediction alone is worth more than a problem. */
const explained = (path, draft, more) => ask(path, { ...draft, ...more, explain: true }).catch(() => ask(path, draft))

function draftOf() {
  const minutes = field('minutes').value
  const tags = field('tags')
    .value.split(',')
    .map((tag) => tag.trim())
    .filter(Boolean)
  const category = field('category').value.trim()
  return {
    creatorId: field('creator').value,
    title: field('text').value,
    ...(category ? { category } : {}),
    ...(minutes ? { durationSeconds: Number(minutes) * 60 } : {}),
    ...(field('when').value ? { plannedAt: new Date(field('when').value).toISOString() } : {}),
    ...(tags.length ? { tags } : {}),
  }
}

/** The answer, or its problem in its place: one model may be missing while the other is not. */
function shown(settled, show) {
  if (settled.status === 'rejected') return [element('p', 'problem', settled.reason.message)]
  const { value } = settled
  return [...show(value), ...(value.fallback ? [element('p', 'note', `Fallback: ${value.fallback.detail}`)] : [])]
}

function engagementTable({ predictions, suggestions = [], model }) {
  const head = element('tr', '', ...['', 'expected', '80 % interval'].map((text) => element('th', '', text)))
  const rows = predictions.map(({ target, unit, value, lower, upper }) =>
    element(
      'tr',
      '',
      element('td', '', targetText(target)),
      element('td', '', element('strong', '', valueText(value, unit))),
      element('td', '', `${valueText(lower, unit)} – ${valueText(upper, unit)}`),
    ),
  )
  const caption = element('caption', '', `Predicted by ${modelText(model)}`)
  const [{ target, explanation }] = predictions
  return [
    element('div', 'scroll', element('table', '', caption, element('thead', '', head), element('tbody', '', ...rows))),
    ...(explanation
      ? driversChart(
          `What drives ${targetText(target)}`,
          explanation,
          valueText(explanation.typical, predictions[0].unit),
        )
      : []),
    ...(suggestions.length
      ? [
          element(
            'p',
            'note',
            'The model expects more of: ',
            `${suggestions.slice(0, 3).map(suggestionText).join('; ')}.`,
          ),
        ]
      : []),
  ]
}

/** `Friday 23:00 (×2.15)`, on the clock of this browser, or `4 minutes (×1.03)`. */
function suggestionText({ field, to, expectedFactor }) {
  const change = field === 'plannedAt' ? slot.format(new Date(to)) : `${Math.round(to / 6) / 10} minutes`
  return `${change} (×${expectedFactor.toFixed(2)})`
}

function viralityMeter({ probability, lift, aboveThreshold, definition, explanation, model }) {
  const percent = percentText(probability)
  const fill = element('div', 'fill')
  fill.style.width = `${probability * 100}%`
  const meter = element('div', 'meter', element('strong', '', percent), element('div', 'track', fill))
  return [
    meter,
    element('p', 'note', `Chance to go viral${timesText(lift)} (${definition}), by ${modelText(model)}.`),
    ...(aboveThreshold
      ? [
          element(
            'p',
            'note',
            `${percentText(aboveThreshold.probability)}${timesText(aboveThreshold.lift)}: ${aboveThreshold.definition}.`,
          ),
        ]
      : []),
    ...(explanation ? driversChart('What drives the chance', explanation, percentText(explanation.typical)) : []),
  ]
}

const valueText = (value, unit) => (unit === 'share' ? percentText(value) : number.format(value))

/** Nothing in models that were trained before it was kept. */
const timesText = (lift) => (lift === null ? '' : `, ${lift.toFixed(1)} times that of any content`)

const percentText = (share) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`

/** `views_7d` → `views, 7 days`. */
const targetText = (target) =>
  target.replace(/_(\d+)d$/, (_, days) => `, ${days} ${days === '1' ? 'day' : 'days'}`).replaceAll('_', ' ')
