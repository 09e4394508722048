import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureService } from '../../../features/definitions/index.ts'
import { defaultMatrix } from '../../../features/store/default-matrix.ts'
import type { Draft } from '../../../features/transforms/draft-features.ts'
import { readManifest } from '../../../models/artifact/read-artifact.ts'
import { coalitionInputs, differingGroups } from '../../../serving/predict/coalition-inputs.ts'
import { type Explanation, explainDraft } from '../../../serving/predict/explain.ts'
import { suggestChanges } from '../../../serving/predict/suggest.ts'
import { inputTensors, type TabularExamples, tabularInputs } from '../../../serving/predict/tabular-inputs.ts'
import { loadPayload } from '../../../serving/runtime/load-payload.ts'
import type { LoadedModel } from '../../../serving/runtime/loaded-model.ts'
import { openScorer } from '../../../serving/runtime/open-scorer.ts'
import { type FeatureWorld, seconds } from '../../support/feature-world.ts'
import { createPredictionWorld, predictionRows, trainIn } from '../../support/prediction-world.ts'

/** A creator of middling results. */
const results = 6

const draft: Draft = {
  creatorId: 'creator-0',
  title: 'Is it?',
  description: '',
  tags: ['a', 'b'],
  platform: 'youtube',
  category: 'Music',
  language: 'en',
  durationSeconds: 60,
  plannedAt: seconds('2026-05-04T18:00:00'),
  country: 'IN',
}

function exampleOf(one: Draft): TabularExamples {
  const creators = defaultMatrix(featureService('engagement'), 1)
  creators.numeric.fill(results)
  return { drafts: [one], creators, creatorRow: new Int32Array(1), early: [{}] }
}

describe('a trained engagement model', () => {
  let world: FeatureWorld
  let model: LoadedModel<'engagement'>
  beforeAll(async () => {
    world = await createPredictionWorld(predictionRows({ creators: 4, posts: 360, countDays: 9 }))
    const quick = { members: '2', epochs: '8', hidden: '16', refit: 'false' }
    const { result, dir } = await trainIn(world, 'engagement', quick)
    const artifact = join(dir, 'runs', result.runId, 'artifact')
    const manifest = await readManifest(artifact)
    model = {
      name: 'engagement',
      version: 1,
      manifest,
      payload: await loadPayload('engagement', artifact, manifest),
      scorer: await openScorer(artifact),
    }
  }, 120_000)
  afterAll(async () => {
    await model.scorer.close()
    await world.remove()
  })

  const predicted = async (one: Draft): Promise<number> => {
    const { prediction } = await model.scorer.score(inputTensors(tabularInputs(model.payload, exampleOf(one))))
    return prediction!.data[0]!
  }
  const factorOf = ({ drivers }: Explanation, field: string): number => {
    const driver = drivers.find((one) => one.field === field)
    return driver !== undefined && 'factor' in driver ? driver.factor : 1
  }

  it('carries 32 contents of the validation part as its background', () => {
    expect(model.payload.background!.rowCount).toBe(32)
    expect(model.payload.background!.texts).toHaveLength(32 * 2 * model.payload.encodeTexts!([draft]).length)
  })

  it('is explained by factors that lead from the typical count to the predicted one, for every target', async () => {
    const explanations = await explainDraft(model, exampleOf(draft))
    expect(explanations).toHaveLength(model.payload.targets.length)
    for (const [t, { typical, drivers }] of explanations.entries()) {
      const { prediction } = await model.scorer.score(inputTensors(tabularInputs(model.payload, exampleOf(draft))))
      const product = drivers.reduce((all, driver) => all * ('factor' in driver ? driver.factor : Number.NaN), 1)
      // The runtime adds up a batch of another size in another order: seven digits agree.
      expect(((1 + typical) * product) / (1 + prediction!.data[t]!)).toBeCloseTo(1, 5)
    }
  })

  it('is explained by what was planted: a title that asks, and the creator’s good hour', async () => {
    const [asking] = await explainDraft(model, exampleOf(draft))
    const [telling] = await explainDraft(model, exampleOf({ ...draft, title: 'It is' }))
    // e^.8 lies between the two titles; each of them is half of the background.
    expect(factorOf(asking!, 'title') / factorOf(telling!, 'title')).toBeGreaterThan(1.5)
    expect(factorOf(asking!, 'title')).toBeGreaterThan(1)
    const morning = { ...draft, plannedAt: seconds('2026-05-04T09:00:00') }
    const [early] = await explainDraft(model, exampleOf(morning))
    expect(factorOf(asking!, 'plannedAt')).toBeGreaterThan(factorOf(early!, 'plannedAt'))
  })

  it('gives the same explanation every time', async () => {
    expect(await explainDraft(model, exampleOf(draft))).toEqual(await explainDraft(model, exampleOf(draft)))
  })

  it('is asked about coalitions that are drafts: with a field of the one, and the rest of the other', () => {
    const other: Draft = {
      ...draft,
      title: 'It is',
      tags: ['b'],
      durationSeconds: null,
      plannedAt: draft.plannedAt - 40_000,
    }
    const { payload } = model
    const inputsOf = (one: Draft) => tabularInputs(payload, exampleOf(one))
    const textsOf = (one: Draft): Float32Array =>
      payload.encodeTexts!([
        { ...one, tags: [] },
        { ...one, title: '' },
      ])
    expect(payload.texts!.fields).toEqual(['title', 'tags'])
    const contrast = {
      grouped: payload.grouped,
      example: inputsOf(draft),
      texts: textsOf(draft),
      background: { ...inputsOf(other), texts: textsOf(other) },
    }
    const [differing] = differingGroups(contrast)
    const names = differing!.map((group) => payload.grouped.groups[group]!)
    expect(names.toSorted()).toEqual(['durationSeconds', 'plannedAt', 'tags', 'title'])
    // The rows: the example, the background, then title alone, title and posting time, title, posting time and duration.
    const fields = ['title', 'plannedAt', 'durationSeconds', 'tags'] as const
    const players = fields.map((field) => payload.grouped.groups.indexOf(field))
    const { rowCount, numeric, categorical } = coalitionInputs(contrast, [{ background: 0, players }])
    expect(rowCount).toBe(5)
    for (let joined = 1; joined < fields.length; joined++) {
      const taken = Object.fromEntries(fields.slice(0, joined).map((field) => [field, draft[field]]))
      const mixed = inputsOf({ ...other, ...taken })
      const row = 1 + joined
      const width = mixed.numeric.length
      const got = numeric.subarray(row * width, (row + 1) * width)
      for (const [j, value] of mixed.numeric.entries()) expect([j, got[j]]).toEqual([j, closeOrNaN(value)])
      const its = mixed.categorical.length
      expect([...categorical.subarray(row * its, (row + 1) * its)]).toEqual([...mixed.categorical])
    }
  })

  it.each([0, 1])('answers and explains for a creator with %d posts', async (posts) => {
    const example = exampleOf(draft)
    const creators = defaultMatrix(featureService('engagement'), 1)
    const fields = featureService('engagement').fields.map(({ field }) => field.name)
    for (const name of ['has_history', 'measured_60', 'posts_7d']) creators.numeric[fields.indexOf(name)] = posts
    const inputs = tabularInputs(model.payload, { ...example, creators })
    const { prediction, lower, upper } = await model.scorer.score(inputTensors(inputs))
    for (const [t, value] of prediction!.data.entries()) {
      expect(lower!.data[t]).toBeGreaterThanOrEqual(0)
      expect(value).toBeGreaterThanOrEqual(lower!.data[t]!)
      expect(upper!.data[t]).toBeGreaterThanOrEqual(value)
    }
    const [explanation] = await explainDraft(model, { ...example, creators })
    for (const driver of explanation!.drivers) expect('factor' in driver && Number.isFinite(driver.factor)).toBe(true)
  })

  it('suggests an hour of the next seven days, and what it expects of it is what it predicts for it', async () => {
    const morning = { ...draft, plannedAt: seconds('2026-05-04T09:00:00') }
    const now = seconds('2026-05-02T10:20:00')
    const suggestions = await suggestChanges(model, exampleOf(morning), 86_400, now)
    const [first] = suggestions
    expect(first!.field).toBe('plannedAt')
    expect(first!.to % 3600).toBe(0)
    expect(first!.to).toBeGreaterThan(now)
    expect(first!.to).toBeLessThanOrEqual(now + 7 * 86_400)
    const moved = { ...morning, plannedAt: first!.to }
    const factor = (1 + (await predicted(moved))) / (1 + (await predicted(morning)))
    expect(first!.expectedFactor).toBeCloseTo(factor, 4)
    expect(first!.expectedFactor).toBeGreaterThan(1)
    expect(suggestions.filter(({ field }) => field === 'plannedAt').length).toBeLessThanOrEqual(3)
    const factors = suggestions.map(({ expectedFactor }) => expectedFactor)
    expect(factors).toEqual(factors.toSorted((a, b) => b - a))
  })

  it('suggests no other duration where none is known, or where it would be too long', async () => {
    const durations = async (durationSeconds: number | null, longest: number): Promise<number[]> => {
      const example = exampleOf({ ...draft, durationSeconds })
      const suggested = await suggestChanges(model, example, longest, draft.plannedAt)
      return suggested.flatMap(({ field, to }) => (field === 'durationSeconds' ? [to] : []))
    }
    expect(await durations(null, 1000)).toEqual([])
    for (const to of await durations(600, 650)) expect([300, 450]).toContain(to)
  })
})

const closeOrNaN = (value: number): number => (Number.isNaN(value) ? Number.NaN : expect.closeTo(value, 5))
