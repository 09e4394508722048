import { z } from 'zod'

/**
 * posting-time: engagement lift by hour of week.
 *
 * model.onnx   `creator` int32 [n] (index into `creators`, 0 = everyone) → `lift`, `lower`, `upper` float32 [n, 168]:
 *              expected engagement ÷ the creator's own mean; 80 % interval; column = 24·weekday + hour, Monday 00:00 first, on the
 *              clock of the creator's `timeZone`
 */
export const postingTimeFiles = { creators: 'creators.json' } as const

export const postingTimeSchema = z.strictObject({
  creators: z
    .array(
      z.strictObject({
        creatorId: z.string(),
        platform: z.string(),
        /** `''` where the source does not say. */
        category: z.string(),
        /** IANA name; UTC where the creator's clock is not known, and for everyone. */
        timeZone: z.string(),
        /** Contents with a known outcome that the estimate rests on. */
        posts: z.number().int().min(0),
        /** What carries most weight in the estimate; says plainly when there is too little of the creator's own data. */
        basis: z.enum(['creator', 'category', 'platform', 'everyone']),
      }),
    )
    .min(1),
})
export type PostingTime = z.infer<typeof postingTimeSchema>
