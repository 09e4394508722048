// Talking to the service this page came from.

const keyName = 'contentflow-api-key'

/** An answer that is a problem document; `message` is its detail. */
class Problem extends Error {}

/**
 * @param {string} path e.g. `/v1/models`
 * @param {unknown} [body] posted as JSON when given
 * @returns {Promise<any>} the answer
 */
export async function ask(path, body) {
  const key = sessionStorage.getItem(keyName)
  const headers = { ...(key ? { 'x-api-key': key } : {}), ...(body ? { 'content-type': 'application/json' } : {}) }
  const response = await fetch(path, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers })
  const answer = await response.json()
  if (response.status === 401) document.getElementById('key').hidden = false
  if (!response.ok) throw new Problem(answer.detail)
  document.getElementById('synthetic').hidden = !answer.synthetic
  return answer
}

/** Keeps the key for this tab and starts anew. */
export function askForKey() {
  document.getElementById('key').addEventListener('submit', (event) => {
    event.preventDefault()
    sessionStorage.setItem(keyName, document.getElementById('key-value').value)
    location.reload()
  })
}

/** Runs `show` and puts what goes wrong where the answer would stand. */
export async function showing(place, show) {
  place.setAttribute('aria-busy', 'true')
  try {
    await show()
  } catch (error) {
    place.replaceChildren(element('p', 'problem', error instanceof Error ? error.message : String(error)))
  } finally {
    place.removeAttribute('aria-busy')
  }
}

/** An element with a class and text or children; text is never read as HTML. */
export function element(name, className = '', ...children) {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...children)
  return made
}

export const modelText = (model) => (model ? `${model.name} version ${model.version}` : 'no model')
