import type { InteractionColumns } from '../../training/datasets/group-by-user.ts'

/**
 * The test world of the library implicit: even users like even items, odd users odd ones, each but the one on its diagonal, which
 * any recommender that works must then rank first or nearly so. Item order differs by user.
 */
export function checkerboard(users: number, items: number): InteractionColumns {
  const userIds: string[] = []
  const itemIds: string[] = []
  for (let user = 0; user < users; user++) {
    for (let step = 0; step < items; step++) {
      const item = (step + 3 * user) % items
      if ((user + item) % 2 === 0) {
        userIds.push(`user-${user}`)
        itemIds.push(`content-${item}`)
      }
    }
  }
  return { userIds, itemIds, times: userIds.map((_, i) => i) }
}
