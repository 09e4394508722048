import { AppError } from '../../errors.ts'
import type { RecommenderFamily } from './family.ts'

/** Each family is loaded when it is asked for, so that listing them, or fitting one without TF.js, does not load TF.js. */
const loaders = {
  popularity: async () => anyConfig((await import('../classical/popularity.ts')).popularityFamily),
  'item-knn': async () => anyConfig((await import('../classical/item-knn.ts')).itemKnnFamily),
  'user-knn': async () => anyConfig((await import('../classical/user-knn.ts')).userKnnFamily),
  content: async () => anyConfig((await import('../classical/content.ts')).contentFamily),
  'next-item': async () => anyConfig((await import('../classical/next-item.ts')).nextItemFamily),
  spectral: async () => anyConfig((await import('../classical/spectral.ts')).spectralFamily),
  ease: async () => anyConfig((await import('../classical/ease.ts')).easeFamily),
  slit: async () => anyConfig((await import('../classical/slit.ts')).slitFamily),
  'linear-next-item': async () => anyConfig((await import('../classical/linear-next-item.ts')).linearNextItemFamily),
  bpr: async () => anyConfig((await import('../classical/bpr.ts')).bprFamily),
  ials: async () => anyConfig((await import('../classical/ials.ts')).ialsFamily),
  gmf: async () => anyConfig((await import('../networks/neu-mf-family.ts')).gmfFamily),
  mlp: async () => anyConfig((await import('../networks/neu-mf-family.ts')).mlpFamily),
  'neu-mf': async () => anyConfig((await import('../networks/neu-mf-family.ts')).neuMfFamily),
  'two-tower': async () => anyConfig((await import('../networks/two-tower.ts')).twoTowerFamily),
  sequential: async () => anyConfig((await import('../networks/sequential.ts')).sequentialFamily),
  hybrid: async () => anyConfig((await import('../hybrid/hybrid.ts')).hybridFamily),
} satisfies Readonly<Record<string, () => Promise<RecommenderFamily>>>

export type FamilyName = keyof typeof loaders

/** Simple ones first: the order of tables. */
export const familyNames = Object.keys(loaders) as readonly FamilyName[]

/** @throws AppError CONFIG_INVALID for a name that is none */
export async function loadFamily(name: string): Promise<RecommenderFamily> {
  if (Object.hasOwn(loaders, name)) return loaders[name as FamilyName]()
  throw new AppError('CONFIG_INVALID', `There is no recommender ${name}; expected one of ${familyNames.join(', ')}.`)
}

/** Forgets the type of a family's configuration: whoever holds just any family can only hand on what its `config` parsed. */
const anyConfig = <C>(family: RecommenderFamily<C>): RecommenderFamily => family as unknown as RecommenderFamily
