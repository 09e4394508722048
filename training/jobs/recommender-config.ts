import { z } from 'zod'
import { type FamilyName, familyNames } from '../families/all-families.ts'

/** A family's own options, e.g. `--set neu-mf.epochs=8`; checked by the family before anything is fitted. */
const familyOptions = Object.fromEntries(
  familyNames.map((name) => [name, z.record(z.string(), z.unknown()).optional()]),
) as Record<FamilyName, z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>>

/** Options of `contentflow train recommender`, each with its range and default. */
export const recommenderConfigSchema = z.object({
  effort: z
    .enum(['auto', 'quick', 'full'])
    .default('auto')
    .describe('quick: only families that fit in seconds, as the demo wants; full: all; auto: quick on synthetic data'),
  families: z
    .array(z.enum(familyNames))
    .min(1)
    .nullable()
    .default(null)
    .describe('what may become champion, e.g. ["ease","neu-mf"]; null: every family that the effort allows'),
  factors: z
    .string()
    .nullable()
    .default(null)
    .describe('folder of factors that were fitted elsewhere (pipelines/spark): judge and register these, fit nothing'),
  trials: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .refine((trials) => trials !== 1, 'expected 0, or from 2')
    .default(0)
    .describe('settings to try for each family on the validation part, by successive halving; 0: the defaults'),
  refit: z
    .boolean()
    .default(true)
    .describe('fit the best family again with the validation part; it takes as long as the first time'),
  split: z
    .enum(['leave-last', 'time'])
    .default('leave-last')
    .describe("each user's last item, or the last tenth of time"),
  minRating: z.number().optional().describe('ratings below do not count as liking; all count when absent'),
  eventWeights: z
    .record(z.string(), z.number())
    .nullable()
    .default(null)
    .describe('how much an event says by its type, e.g. {"like":2,"skip":-1}; null: all alike, skips left out'),
  minInteractions: z.number().int().min(1).default(1).describe('users with fewer are left out'),
  knnNeighbours: z.number().int().min(1).max(1000).default(20).describe('neighbours of the item-kNN baseline'),
  popularityHalfLifeDays: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('age at which an interaction counts half in popularity; null counts all alike'),
  judgedUsers: z.number().int().min(10).default(10_000).describe('most users that metrics are computed on'),
  ...familyOptions,
})

export type RecommenderConfig = z.infer<typeof recommenderConfigSchema>

/** Families that fit in seconds: what the demo chooses among. */
const quickFamilies: readonly FamilyName[] = [
  'popularity',
  'item-knn',
  'content',
  'next-item',
  'spectral',
  'ease',
  'slit',
  'linear-next-item',
  'bpr',
  'ials',
  'gmf',
]

/** Families without a served form (user-knn.ts says why): `contentflow bench` measures them, nothing else is done with them. */
const measuredOnly: readonly FamilyName[] = ['user-knn']

/**
 * What a quick training makes of the networks: seconds instead of minutes, for data whose metrics say nothing anyway. Negatives heed time,
 * as the sample world's catalogue grows from day to day; the places of a history say little there.
 */
const quickNetwork = {
  historyHalfLife: null,
  timeAwareNegatives: true,
  epochs: 6,
  negatives: 6,
  batchSize: 256,
  l2: 0.06,
  averaging: 0.6,
  patience: 2,
}
const quickOptions: Partial<Record<FamilyName, Readonly<Record<string, unknown>>>> = {
  gmf: quickNetwork,
  mlp: quickNetwork,
  'neu-mf': quickNetwork,
}

/** The families that may become champion, each with the options that were set or that the effort brings. */
export function consideredFamilies(
  config: RecommenderConfig,
  quick: boolean,
): readonly { readonly name: FamilyName; readonly options: Readonly<Record<string, unknown>> }[] {
  const names = config.families ?? (quick ? quickFamilies : familyNames.filter((name) => !measuredOnly.includes(name)))
  return names.map((name) => ({ name, options: { ...(quick && quickOptions[name]), ...config[name] } }))
}

/**
 * Settings of `contentflow train <family>`: the recommender with nothing but this family to choose from; what is no option of the job is one
 * of the family.
 */
export function settingsOfFamily(
  family: FamilyName,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const own = Object.entries(settings).map(([key, value]): [string, string] => [
    Object.hasOwn(recommenderConfigSchema.shape, key) || key.includes('.') ? key : `${family}.${key}`,
    value,
  ])
  return { families: JSON.stringify([family]), ...Object.fromEntries(own) }
}
