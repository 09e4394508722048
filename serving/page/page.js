import { ask, askForKey, element, showing } from './api.js'
import { startDraft } from './draft.js'
import { showModels } from './models.js'
import { startWeek } from './posting-week.js'
import { startRecommendations } from './recommendations.js'

askForKey()
await Promise.all([
  showing(document.getElementById('user-list'), startRecommendations),
  showing(document.getElementById('models-list'), showModels),
  showing(document.getElementById('creator-note'), startCreators),
])
document.body.dataset.ready = 'true'

async function startCreators() {
  const { creators } = await ask('/v1/creators?limit=100')
  if (creators.length === 0) {
    throw new Error(
      'No creators are known. Import dim_content and dim_creator, then run contentflow features build and contentflow features materialise.',
    )
  }
  for (const select of [document.getElementById('creator-id'), document.getElementById('draft-creator')]) {
    select.replaceChildren(
      ...creators.map((creator) => {
        const option = element('option', '', `${creator.name || creator.creatorId} · ${creator.contentCount} contents`)
        option.value = creator.creatorId
        return option
      }),
    )
  }
  await Promise.all([startWeek(), startDraft()])
}
