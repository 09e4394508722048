import { ask, element } from './api.js'

const digits = (value) => (value === null ? '–' : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3))
const interval = ({ low, high }) => (low === null || high === null ? '' : ` ${digits(low)} – ${digits(high)}`)

/** One table per model: the version that serves, or else the newest, beside its baselines. */
export async function showModels() {
  const { models, registryProblem } = await ask('/v1/models')
  document
    .getElementById('models-list')
    .replaceChildren(...(registryProblem ? [element('p', 'problem', registryProblem)] : []), ...models.flatMap(shown))
}

function shown({ name, serving, refused, standIn, versions }) {
  const title = element('h3', '', name)
  const version = versions.find((one) => one.version === serving) ?? versions[0]
  if (version === undefined) return [title, element('p', 'note', `Not trained yet: contentflow train ${name}`)]
  const state =
    serving === version.version
      ? `version ${serving} serves`
      : standIn === null
        ? `version ${version.version} does not serve`
        : `version ${standIn.version} was refused; its neighbour lists answer without its network`
  const parts = [
    title,
    element(
      'p',
      'note',
      element('strong', '', state),
      ` · trained ${version.createdAt.slice(0, 10)}`,
      version.synthetic ? ' on synthetic data' : '',
    ),
  ]
  if (refused) parts.push(element('p', 'problem', `Version ${refused.version} refused: ${refused.message}`))
  parts.push(element('div', 'scroll', table(name, version)))
  if (version.verdict)
    parts.push(element('p', 'note verdict', `${verdictWord(version.verdict.action)} ${version.verdict.reason}`))
  return parts
}

const verdictWord = (action) =>
  ({ promote: 'Promoted.', refuse: 'Refused by the gate.', rollback: 'Rolled back to.', register: 'Registered.' })[
    action
  ]

function table(name, { metrics }) {
  const baselines = [...new Set(metrics.flatMap((row) => Object.keys(row.baselines)))]
  const head = ['', name, ...baselines].map((text) => element('th', '', text))
  const rows = metrics.map(({ metric, higherIsBetter, model, baselines: others }) => {
    const all = [model, ...baselines.map((baseline) => others[baseline])]
    const values = all.filter(Boolean).map(({ value }) => value)
    const best = higherIsBetter ? Math.max(...values) : Math.min(...values)
    const cells = all.map((estimate) =>
      estimate
        ? element(
            'td',
            estimate.value === best ? 'best' : '',
            digits(estimate.value),
            element('small', '', interval(estimate)),
          )
        : element('td', '', '–'),
    )
    return element('tr', '', element('td', '', `${metric} ${higherIsBetter ? '↑' : '↓'}`), ...cells)
  })
  const columns = baselines.length > 3 ? 'many-columns' : ''
  return element('table', columns, element('thead', '', element('tr', '', ...head)), element('tbody', '', ...rows))
}
