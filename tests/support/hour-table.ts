import type { HourCreator, HourTable } from '../../training/datasets/hour-posts.ts'

/** Posts in the order of time, one an hour from 1970 on whatever their `hour` of the week says; creators are of one category on UTC unless told otherwise. */
export function hourTableOf(
  posts: readonly { readonly hour: number; readonly creator: number; readonly outcome: number }[],
  creators: Readonly<Record<number, Partial<HourCreator>>> = {},
): HourTable {
  return {
    rowCount: posts.length,
    at: Float64Array.from(posts, (_, i) => i * 3600),
    hour: Int32Array.from(posts, ({ hour }) => hour),
    outcome: Float64Array.from(posts, ({ outcome }) => outcome),
    creator: Int32Array.from(posts, ({ creator }) => creator),
    creators: Array.from({ length: Math.max(...posts.map(({ creator }) => creator)) + 1 }, (_, i) => ({
      creatorId: `creator-${i}`,
      platform: 'youtube',
      category: 'Music',
      timeZone: 'UTC',
      ...creators[i],
    })),
  }
}
