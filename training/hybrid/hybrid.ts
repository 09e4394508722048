import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { splitLeaveLast } from '../datasets/interactions-split.ts'
import type {
  FitEnvironment,
  FittedRecommender,
  RecommenderDataset,
  RecommenderFamily,
  SavedRecommender,
} from '../families/family.ts'
import { fitFamily } from '../families/fit-family.ts'
import type { BlendContext } from './blend-features.ts'
import { featureCount } from './blend-features.ts'
import { fitBlend } from './fit-blend.ts'
import { blendContext, blendExamples, hybridModel } from './hybrid-model.ts'

const options = z.record(z.string(), z.unknown())
const configSchema = z.object({
  components: z
    .array(z.string())
    .min(2)
    .default(['linear-next-item', 'sequential', 'ease', 'ials'])
    .describe('the families that are blended'),
  options: z.record(z.string(), options).default({}).describe('options of the components, by their name'),
  blend: z.array(z.number()).nullable().default(null).describe('weights; null: learned from held-out interactions'),
  l2: z.number().positive().default(10).describe('penalty of the weights'),
})
type HybridOptions = z.infer<typeof configSchema>

/**
 * Other families, blended by a ranker that learned from interactions which none of them was fitted on: a conditional logit over what each
 * says of an item, how popular it is and how long the user's history is (`blend-features.ts`).
 *
 * The interactions are the validation part where there is one, else the last of each user.
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
    4 * Math.min(users, 1e5) * 150 * components.length * featureCount(components.length),
  async fit(dataset, config, environment) {
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

type Learned = FittedRecommender & { readonly chosen: Pick<HybridOptions, 'options'> & { readonly blend: number[] } }

/** Components fitted on the training part, and the weights that the validation part teaches. */
async function learnBlend(
  dataset: RecommenderDataset & Required<Pick<RecommenderDataset, 'validation'>>,
  config: HybridOptions,
  environment: FitEnvironment,
): Promise<Learned> {
  const components = await fitEach(dataset, config, environment)
  const context = blendContext(dataset.interactions)
  const { interactions, validation } = dataset
  const examples = await blendExamples(components, interactions, validation, context, environment.signal)
  const blend = [...fitBlend(examples, featureCount(components.length), config.l2)]
  environment.log.info({ examples: examples.length, blend }, 'hybrid: the blend is learned')
  const chosenOptions = Object.fromEntries(
    components.map(({ chosen }, i) => [config.components[i]!, { ...config.options[config.components[i]!], ...chosen }]),
  )
  return { ...hybrid(components, config, context, blend), chosen: { blend, options: chosenOptions } }
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
  return hybrid(components, config, blendContext(dataset.interactions), blend)
}

async function fitEach(
  dataset: RecommenderDataset,
  config: HybridOptions,
  environment: FitEnvironment,
): Promise<FittedRecommender[]> {
  const components: FittedRecommender[] = []
  for (const name of config.components) {
    const family = await familyOf(name)
    const own = family.config.parse(config.options[name] ?? {})
    const { checkpointFile, ...rest } = environment
    const ownFile = checkpointFile === undefined ? {} : { checkpointFile: `${checkpointFile}.${name}` }
    components.push(
      await fitFamily(family, dataset, own, { ...rest, ...ownFile, label: `${environment.label}, ${name}` }),
    )
  }
  return components
}

/** Loaded when needed: the list of families holds this one too. */
async function familyOf(name: string): Promise<RecommenderFamily> {
  const { loadFamily } = await import('../families/all-families.ts')
  if (name !== 'hybrid') return loadFamily(name)
  throw new AppError('CONFIG_INVALID', 'components holds hybrid; expected other families only.')
}

function hybrid(
  components: readonly FittedRecommender[],
  config: HybridOptions,
  context: BlendContext,
  blend: readonly number[],
): FittedRecommender {
  return {
    name: 'hybrid',
    chosen: {},
    ...hybridModel(components, context, Float64Array.from(blend)),
    save() {
      const saved = components.map((component) => component.save())
      return {
        json: {
          components: config.components.map((name, i) => ({ name, json: saved[i]!.json })),
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
    saved.components.map(async (component, i) => {
      const own = Object.entries(arrays).flatMap(([name, array]) =>
        name.startsWith(`${i}.`) ? [[name.slice(`${i}.`.length), array] as const] : [],
      )
      const family = await familyOf(component.name)
      return family.load({ json: component.json, arrays: Object.fromEntries(own) }, size)
    }),
  )
  const context = { popularity: arrays.popularity as Float32Array, meanLength: saved.meanLength }
  const names = saved.components.map(({ name }) => name)
  return hybrid(components, configSchema.parse({ components: names }), context, saved.blend)
}
