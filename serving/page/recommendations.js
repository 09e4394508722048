import { ask, element, modelText, showing } from './api.js'

const input = document.getElementById('user-id')
const list = document.getElementById('user-list')
const note = document.getElementById('user-note')
const segment = document.getElementById('user-segment')

/** Fills the choice of users and shows the first. */
export async function startRecommendations() {
  const { users } = await ask('/v1/users?limit=50')
  document.getElementById('user-ids').replaceChildren(
    ...users.map((user) => {
      const option = element('option')
      option.value = user
      return option
    }),
  )
  input.value = users[0] ?? 'user-1'
  document.getElementById('user-form').addEventListener('submit', (event) => {
    event.preventDefault()
    showing(list, show)
  })
  await show()
}

async function show() {
  const user = encodeURIComponent(input.value)
  showing(segment, () => showSegment(user))
  const answer = await ask(`/v1/users/${user}/recommendations?limit=10`)
  note.replaceChildren(
    `Ranked by ${rankedBy(answer)}.`,
    ...(answer.fallback ? [' ', element('strong', '', 'Fallback: '), answer.fallback.detail] : []),
  )
  list.replaceChildren(...answer.items.map((item, index) => line(item, index)))
}

/** What ordered a list, in words. */
function rankedBy({ ranking, model }) {
  if (ranking === 'trending') return 'what trends'
  return ranking === 'neighbours' ? `the neighbour lists of ${modelText(model)}` : modelText(model)
}

function line(item, index) {
  const like = element('button', '', 'Like')
  like.type = 'button'
  like.setAttribute('aria-label', `Like ${item.title || item.contentId}`)
  like.addEventListener('click', () =>
    showing(list, async () => {
      await ask('/v1/events', { userId: input.value, contentId: item.contentId, eventType: 'like' })
      await show()
    }),
  )
  const about = [item.creatorName || item.creatorId, item.category].filter(Boolean).join(' · ')
  return element(
    'li',
    '',
    element('span', 'rank', `${index + 1}.`),
    element('span', 'title', item.title || item.contentId),
    element('span', 'meta', element('span', 'chip', item.reason.text), about && ` ${about}`),
    like,
  )
}

async function showSegment(user) {
  const answer = await ask(`/v1/users/${user}/segment`)
  const { segment: found, fallback } = answer
  segment.replaceChildren(
    ...(fallback
      ? [`No segment of their own: ${fallback.detail}`]
      : ['Segment: ', element('strong', '', found.name), ` – ${found.description}`]),
  )
}
