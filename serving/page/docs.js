// Renders /openapi.json: every endpoint with its parameters, a call to paste, and its schemas.
import { element } from './api.js'

const main = document.getElementById('docs')
const document_ = await (await fetch('/openapi.json')).json()

const operations = Object.entries(document_.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)
main.replaceChildren(
  element(
    'section',
    '',
    element('p', '', document_.info.description),
    element('p', 'note', `Version ${document_.info.version}`),
  ),
  ...document_.tags.map(({ name }) =>
    element('section', '', element('h2', '', name), ...operations.filter(({ tags }) => tags.includes(name)).map(shown)),
  ),
  errors(),
)

function shown(operation) {
  const { path, method, summary, description, parameters, requestBody, responses } = operation
  const heading = element(
    'summary',
    '',
    element('span', 'method', method),
    ' ',
    element('code', '', path),
    ` – ${summary}`,
  )
  const parts = [heading]
  if (description) parts.push(element('p', '', description))
  if (parameters.length > 0) parts.push(parameterTable(parameters))
  parts.push(element('h3', '', 'Try'), element('pre', '', curl(operation)))
  if (requestBody) parts.push(schema('Body', requestBody.content['application/json'].schema))
  parts.push(schema('Answer', responses['200'].content['application/json'].schema))
  return element('details', '', ...parts)
}

function parameterTable(parameters) {
  const head = element('tr', '', ...['parameter', 'in', 'values', 'meaning'].map((text) => element('th', '', text)))
  const rows = parameters.map(({ name, in: place, required, description, schema: type }) =>
    element(
      'tr',
      '',
      element('td', '', element('code', '', name), required ? '' : ' (optional)'),
      element('td', '', place),
      element('td', '', values(type)),
      element('td', '', description ?? ''),
    ),
  )
  return element('div', 'scroll', element('table', '', element('thead', '', head), element('tbody', '', ...rows)))
}

function values({ type, minimum, maximum, default: fallback }) {
  const range = minimum === undefined ? '' : ` ${minimum} to ${maximum}`
  return `${type ?? 'any'}${range}${fallback === undefined ? '' : `, default ${fallback}`}`
}

function curl({ path, method, parameters, requestBody }) {
  let url = path
  const query = []
  for (const { name, in: place, example } of parameters) {
    if (example === undefined) continue
    if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(example))
    else query.push(`${name}=${encodeURIComponent(example)}`)
  }
  const address = `'${location.origin}${url}${query.length > 0 ? `?${query.join('&')}` : ''}'`
  if (method === 'get') return `curl ${address}`
  const body = JSON.stringify(requestBody.content['application/json'].example)
  return `curl ${address} \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`
}

function schema(title, content) {
  return element(
    'details',
    '',
    element('summary', '', `${title} (JSON Schema)`),
    element('pre', '', JSON.stringify(content, null, 2)),
  )
}

function errors() {
  const { code } = document_.components.schemas.Problem.properties
  const section = element(
    'section',
    '',
    element('h2', '', 'Errors'),
    element(
      'p',
      '',
      'Every error is a problem document (RFC 9457): its code is one of these, its detail says what was expected, what came and what to do, and its errors name the fields.',
    ),
    element(
      'ul',
      '',
      ...Object.entries(code['x-enumDescriptions']).map(([name, meaning]) =>
        Object.assign(element('li', '', element('code', '', name), ` – ${meaning}`), { id: name }),
      ),
    ),
  )
  section.id = 'errors'
  return section
}
