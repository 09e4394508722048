import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { sampleHeldOut, splitLeaveLast } from '../datasets/interactions-split.ts'
import { type CatalogueScores, exportCatalogueScores } from '../export/catalogue-scores.ts'
import type {
  FitEnvironment,
  FittedRecommender,
  RecommenderDataset,
  RecommenderFamily,
  SavedRecommender,
} from '../families/family.ts'
import { fitFamily } from '../families/fit-family.ts'
import { parseOptions } from '../families/parse-options.ts'
import type { BlendContext } from './blend-features.ts'
import { featureCount } from './blend-features.ts'
import { blendContext, blendExamples, blendedScores, fairBlend } from './blended-scores.ts'
import { fitBlend } from './fit-blend.ts'

const options = z.record(z.string(), z.unknown())
const configSchema = z.object({
  components: z
    .array(z.string())
    .min(2)
    .default(['linear-next-item', 'two-tower', 'ease'])
    .describe('the families that are blended; each must be one that is served by histories'),
  options: z.record(z.string(), options).default({}).describe('options of the components, by their name'),
  blend: z.array(z.number()).nullable().default(null).describe('weights; null: learned from held-out interactions'),
  l2: z.number().positive().default(10).describe('how strongly the weights are pulled towards equal ones'),
})
type HybridOptions = z.infer<typeof configSchema>

/** What does the work of a component that is too large for this machine. */
const standIns: Readonly<Record<string, string>> = { 'linear-next-item': 'next-item', ease: 'item-knn' }

/** The blend has few weights: so many users say what they are. */
const blendUsers = 5000

/**
 * Other families, blended by a ranker that learned from interactions which none of them was fitted on: a conditional logit over what each
 * says of an item, how popular it is and how long the user's history is (`blend-features.ts`).
 *
 * Components take part in the form in which they are served, so that the blend that is learned is the blend that answers. Everyone is known
 * by their history, nobody by their index. The interactions are the validation part where there is one, else the last of each user.
 */
export const hybridFamily: RecommenderFamily<HybridOptions> = {
  name: 'hybrid',
  description: 'A learned blend of other families.',
  orderAware: true,
  choosesOnValidation: true,
  config: configSchema,
  searchSpace: { l2: { from: 0.1, to: 100, scale: 'log' } },
  // Its components are asked one by one; here their scores of a block of users, and the examples of the blend.
  estimateBytes: ({ users, items }, { components }) =>
    4 * items * components.length * 80 +
    4 * Math.min(users, blendUsers) * 150 * components.length * featureCount(components.length),
  async fit(dataset, config, environment) {
    refuseTwins(config.components)
    if (config.blend !== null) return fitComponents(dataset, config, config.blend, environment)
    const { validation } = dataset
    if (validation !== undefined) return learnBlend({ ...dataset, validation }, config, environment)
    const inner = splitLeaveLast(dataset.interactions)
    const innerDataset = { ...dataset, interactions: inner.trainAndValidation, validation: inner.test }
    const learned = await learnBlend(innerDataset, config, environment)
    learned.close()
    return fitComponents(dataset, { ...config, ...learned.chosen }, learned.chosen.blend, environment)
  },
  load: loadHybrid,
}

function refuseTwins(components: readonly string[]): void {
  const twin = components.find((name, i) => components.indexOf(name) < i)
  if (twin === undefined) return
  throw new AppError('CONFIG_INVALID', `components holds ${twin} twice; expected each family once.`)
}

/** A fitted component. */
interface Component {
  readonly name: string
  readonly fitted: FittedRecommender
  readonly catalogue: CatalogueScores
}

type Learned = FittedRecommender & {
  readonly chosen: Pick<HybridOptions, 'components' | 'options'> & { readonly blend: number[] }
}

/** Components fitted on the training part, and the weights that the validation part teaches. */
async function learnBlend(
  dataset: RecommenderDataset & Required<Pick<RecommenderDataset, 'validation'>>,
  config: HybridOptions,
  environment: FitEnvironment,
): Promise<Learned> {
  const components = await fitEach(dataset, config, environment, standInFor)
  const { interactions } = dataset
  const validation = sampleHeldOut(dataset.validation, blendUsers, environment.seed)
  const context = blendContext(interactions)
  const catalogues = components.map(({ catalogue }) => catalogue)
  const examples = await blendExamples(catalogues, interactions, validation, context, environment.signal)
  const blend = [...fitBlend(examples, fairBlend(components.length), config.l2)]
  const names = components.map(({ name }) => name)
  environment.log.info({ components: names, examples: examples.length, blend }, 'hybrid: the blend is learned')
  const chosenOptions = Object.fromEntries(
    components.map(({ name, fitted }) => [name, { ...config.options[name], ...fitted.chosen }]),
  )
  return { ...hybrid(components, context, blend), chosen: { components: names, blend, options: chosenOptions } }
}

async function fitComponents(
  dataset: RecommenderDataset,
  config: HybridOptions,
  blend: readonly number[],
  environment: FitEnvironment,
): Promise<FittedRecommender> {
  const expected = featureCount(config.components.length)
  if (blend.length !== expected) {
    throw new AppError(
      'CONFIG_INVALID',
      `blend has ${blend.length} weights; expected ${expected} for ${config.components.length} components. Leave it out to have it learned.`,
    )
  }
  const components = await fitEach(dataset, config, environment)
  return hybrid(components, blendContext(dataset.interactions), blend)
}

/** Another component for one whose fit failed; throws on where there is none. */
function standInFor(name: string, error: unknown, { log }: FitEnvironment): string {
  const standIn = standIns[name]
  if (standIn === undefined || !(error instanceof AppError) || error.code !== 'TOO_LARGE') throw error
  log.warn({ err: error }, `hybrid blends ${standIn} instead of ${name}, which is too large here`)
  return standIn
}

/** @param instead names the component that is fitted when one fails; without it, the failure stands */
async function fitEach(
  dataset: RecommenderDataset,
  config: HybridOptions,
  environment: FitEnvironment,
  instead?: typeof standInFor,
): Promise<Component[]> {
  const components: Component[] = []
  try {
    for (const name of config.components) {
      try {
        components.push(await fitOne(name, dataset, config, environment))
      } catch (error) {
        if (instead === undefined) throw error
        components.push(await fitOne(instead(name, error, environment), dataset, config, environment))
      }
    }
    return components
  } catch (error) {
    for (const { fitted } of components) fitted.close()
    throw error
  }
}

async function fitOne(
  name: string,
  dataset: RecommenderDataset,
  config: HybridOptions,
  environment: FitEnvironment,
): Promise<Component> {
  const family = await familyOf(name)
  const own = parseOptions(family, config.options[name] ?? {}, `options: {"${name}": {"key": value}}`)
  const { checkpointFile, ...rest } = environment
  const ownFile = checkpointFile === undefined ? {} : { checkpointFile: `${checkpointFile}.${name}` }
  const label = `${environment.label}, ${name}`
  const fitted = await fitFamily(family, dataset, own, { ...rest, ...ownFile, label })
  try {
    return { name, fitted, catalogue: catalogueOf(name, fitted) }
  } catch (error) {
    fitted.close()
    throw error
  }
}

/** @throws AppError CONFIG_INVALID | DATA_INSUFFICIENT for a component that is not served by histories */
function catalogueOf(name: string, fitted: FittedRecommender): CatalogueScores {
  const network = fitted.serving?.()
  if (network?.catalogue !== undefined) return network.catalogue
  if (network !== undefined) {
    throw new AppError(
      'CONFIG_INVALID',
      `hybrid blends what is served by histories, and ${name} knows users by their index. Take another into components.`,
    )
  }
  throw new AppError(
    'DATA_INSUFFICIENT',
    `${name} cannot be served after this fit. Take another into hybrid's components.`,
  )
}

/** Loaded when needed: the list of families holds this one too. */
async function familyOf(name: string): Promise<RecommenderFamily> {
  const { loadFamily } = await import('../families/all-families.ts')
  if (name !== 'hybrid') return loadFamily(name)
  throw new AppError('CONFIG_INVALID', 'components holds hybrid; expected other families only.')
}

function hybrid(components: readonly Component[], context: BlendContext, blend: readonly number[]): FittedRecommender {
  const blended = blendedScores(
    components.map(({ catalogue }) => catalogue),
    context,
    blend,
  )
  return {
    name: 'hybrid',
    foldsIn: true,
    chosen: {},
    score: (_user, history, scores) => blended.score(history, scores),
    scoreMany: (_users, histories, scores) => blended.scoreMany(histories, scores),
    similar: (item, k) => components[0]!.fitted.similar(item, k),
    serving: () => exportCatalogueScores('hybrid', blended, context.popularity.length),
    save() {
      const saved = components.map(({ fitted }) => fitted.save())
      return {
        json: {
          components: components.map(({ name }, i) => ({ name, json: saved[i]!.json })),
          blend: [...blend],
          meanLength: context.meanLength,
        },
        arrays: {
          popularity: context.popularity,
          ...Object.fromEntries(
            saved.flatMap(({ arrays }, i) => Object.entries(arrays).map(([name, array]) => [`${i}.${name}`, array])),
          ),
        },
      }
    },
    close() {
      for (const { fitted } of components) fitted.close()
    },
  }
}

const savedSchema = z.object({
  components: z.array(z.object({ name: z.string(), json: options })),
  blend: z.array(z.number()),
  meanLength: z.number(),
})

async function loadHybrid(
  { json, arrays }: SavedRecommender,
  size: Parameters<RecommenderFamily['load']>[1],
): Promise<FittedRecommender> {
  const saved = savedSchema.parse(json)
  const components = await Promise.all(
    saved.components.map(async ({ name, json: itsJson }, i): Promise<Component> => {
      const own = Object.entries(arrays).flatMap(([key, array]) =>
        key.startsWith(`${i}.`) ? [[key.slice(`${i}.`.length), array] as const] : [],
      )
      const family = await familyOf(name)
      const fitted = await family.load({ json: itsJson, arrays: Object.fromEntries(own) }, size)
      return { name, fitted, catalogue: catalogueOf(name, fitted) }
    }),
  )
  const context = { popularity: arrays.popularity as Float32Array, meanLength: saved.meanLength }
  return hybrid(components, context, saved.blend)
}
