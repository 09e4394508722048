import { z } from 'zod'
import { AppError } from '../../errors.ts'

const viewMeta = z.strictObject({
  name: z.string(),
  entity: z.enum(['user', 'content', 'creator']),
  schemaHash: z.string(),
  /** The moment the rows describe, seconds since 1970, UTC. */
  asOf: z.number(),
  /** From when on their age counts against the ttl: `asOf`, or the materialisation where the warehouse ends long before it. */
  ageFrom: z.number(),
  rows: z.number(),
})

const onlineMeta = z.strictObject({
  formatVersion: z.literal(1),
  version: z.string(),
  /** The version before, kept for readers that still hold it. */
  previous: z.string().nullable(),
  createdAt: z.string(),
  synthetic: z.boolean(),
  views: z.array(viewMeta),
  contentBlocks: z.number(),
  creatorBlocks: z.number(),
  /** As `HeldFacts`; versions of before these fields existed have none. */
  facts: z.strictObject({ until: z.number(), readAt: z.number() }).optional(),
})

/** What the online store's current version is made of. */
export type OnlineMeta = z.infer<typeof onlineMeta>
export type ViewMeta = z.infer<typeof viewMeta>

export const encodeJson = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
export const decodeJson = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString())

/** @throws AppError STORE_FAILED when another version of this code wrote it, or it is damaged */
export function parseMeta(bytes: Uint8Array): OnlineMeta {
  try {
    return onlineMeta.parse(decodeJson(bytes))
  } catch (error) {
    throw new AppError(
      'STORE_FAILED',
      'The online store holds data in a form this version does not know. Run `contentflow features materialise`.',
      { cause: error },
    )
  }
}
