import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openOnlineStore } from '../../../features/store/open-online-store.ts'
import { silentLogger } from '../../../log.ts'
import { readManifest } from '../../../models/artifact/read-artifact.ts'
import { predictChurn } from '../../../serving/predict/predict-churn.ts'
import { GuardedStore } from '../../../serving/runtime/guarded-store.ts'
import { loadPayload } from '../../../serving/runtime/load-payload.ts'
import type { LoadedModel } from '../../../serving/runtime/loaded-model.ts'
import { openScorer } from '../../../serving/runtime/open-scorer.ts'
import { createFeatureWorld, type FeatureWorld, seconds } from '../../support/feature-world.ts'
import { writeChurn } from '../../support/small-tabular-artifacts.ts'

const now = seconds('2026-03-11')
const at = (day: string): Date => new Date(`${day}T12:00:00Z`)
const person = (id: string, since: string, agreed = true) => [id, 'IN', null, null, 'mobile', at(since), agreed, null]
const event = (id: string, user: string, day: string) => [id, user, 'c', 'web', 'view', at(day), null, null, null]

describe('predictChurn', () => {
  let world: FeatureWorld
  let store: GuardedStore
  let model: LoadedModel<'churn'>
  beforeAll(async () => {
    world = await createFeatureWorld({
      dim_content: [['c', 'web', null, 'C', null, null, null, null, null, null, null]],
      dim_user: [
        person('busy', '2026-01-01'),
        person('away', '2026-01-01'),
        person('gone', '2026-01-01'),
        person('new', '2026-03-09'),
        person('silent-on-it', '2026-01-01', false),
      ],
      fct_interactions: [
        event('e1', 'busy', '2026-03-09'),
        event('e2', 'busy', '2026-03-10'),
        event('e3', 'away', '2026-02-11'), // 28 days before the snapshot of 11 March
        event('e4', 'gone', '2026-02-10'),
        event('e5', 'silent-on-it', '2026-03-10'),
      ],
    })
    await world.build({ from: '2026-03-11' })
    await world.materialise()
    const dir = `${world.config.dataDir}/churn`
    await writeChurn(dir)
    const manifest = await readManifest(dir)
    const payload = await loadPayload('churn', dir, manifest)
    model = { name: 'churn', version: 1, manifest, payload, scorer: await openScorer(dir) }
    store = new GuardedStore(() => openOnlineStore(world.config, silentLogger), silentLogger)
  })
  afterAll(async () => {
    await model.scorer.close()
    await store.close()
    await world.remove()
  })

  it('answers many people in their order, each as if asked alone', async () => {
    const asked = ['busy', 'gone', 'nobody', 'away', 'silent-on-it', 'new', 'busy']
    const { people: answers } = await predictChurn(model, store, asked, now)
    expect(answers.map(({ userId }) => userId)).toEqual(asked)
    expect(answers.map(({ fallback }) => fallback?.reason)).toEqual([
      undefined,
      'already-silent',
      'unknown-user',
      undefined,
      'not-personalised',
      'unknown-user',
      undefined,
    ])
    for (const [i, userId] of asked.entries()) {
      expect((await predictChurn(model, store, [userId], now)).people).toEqual([answers[i]])
    }
  })

  it('asks the network of those who can still be lost, and takes the rate of everyone for others', async () => {
    const { people } = await predictChurn(model, store, ['busy', 'away', 'gone', 'silent-on-it'], now)
    const [busy, away, gone, none] = people
    // 1/(1 + e^events): two events in the last week, none, and two weeks are the horizon.
    const hazard = 1 / (1 + Math.exp(2))
    expect(busy!.hazardByWeek[1]).toBeCloseTo(hazard, 6)
    expect(busy!.probabilities).toEqual([{ horizonDays: 28, probability: expect.closeTo(1 - (1 - hazard) ** 2, 6) }])
    expect(away!.hazardByWeek).toEqual([0.5, 0.5])
    expect(gone).toMatchObject({ hazardByWeek: [1, 1], probabilities: [{ horizonDays: 28, probability: 1 }] })
    expect(none!.hazardByWeek).toEqual([0.1, 0.2])
    expect(none!.probabilities[0]!.probability).toBeCloseTo(1 - 0.9 * 0.8, 12)
  })

  it('of nobody, answers nothing', async () => {
    expect((await predictChurn(model, store, [], now)).people).toEqual([])
  })
})
