import { userActivity } from '../../features/definitions/user-activity.ts'
import { userSubscriptions } from '../../features/definitions/user-subscriptions.ts'
import { userVisits } from '../../features/definitions/user-visits.ts'
import type { SqlParameter } from '../../features/sources/mart-source.ts'
import { createRandom } from '../../training/backend/random.ts'
import { createFeatureWorld, type FeatureWorld } from './feature-world.ts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 0, 1)

export interface ChurnWorldShape {
  readonly people: number
  readonly days: number
  /** Chance per day to stop for good; twice that for people on phones, who are half of them. */
  readonly stops: number
  /** Chance per day to come, of those who have not stopped. */
  readonly comes: number
  /** Chance that someone who stops ends the subscription a week earlier. */
  readonly leaves: number
}

const churnShape: ChurnWorldShape = { people: 300, days: 100, stops: 0.008, comes: 0.4, leaves: 0.5 }

/** Everyone comes for the first time on one of the first 40 days, and follows one creator from then on. */
export function churnRows(shape: Partial<ChurnWorldShape> = {}): Record<string, (readonly SqlParameter[])[]> {
  const { people, days, stops, comes, leaves } = { ...churnShape, ...shape }
  const random = createRandom(3)
  const rows: Record<string, (readonly SqlParameter[])[]> = {
    dim_creator: [['creator-1', 'youtube', 'One', 'Music', 'IN', null, null]],
    dim_content: [['content-1', 'youtube', 'creator-1', 'One', null, null, 'Music', 'en', 60, new Date(start), null]],
    dim_user: [],
    fct_interactions: [],
    fct_subscriptions: [],
  }
  for (let u = 0; u < people; u++) {
    const id = `user-${u}`
    const device = u % 2 === 0 ? 'mobile' : 'tv'
    const first = random.int(Math.min(40, days))
    const stopped = first - Math.log(1 - random.uniform()) / (stops * (device === 'mobile' ? 2 : 1))
    const at = (day: number, hour: number): Date => new Date(start + day * dayMs + hour * 3_600_000)
    rows.dim_user!.push([id, 'IN', null, null, device, at(first, 0), true, null])
    for (let day = first; day < days; day++) {
      const there = day === first || (day < stopped && random.uniform() < comes)
      if (!there) continue
      rows.fct_interactions!.push([`e-${u}-${day}`, id, 'content-1', 'youtube', 'view', at(day, 12), 30, 0.5, null])
    }
    const end = stopped - 7
    const ends = random.uniform() < leaves && end > first && end < days
    rows.fct_subscriptions!.push([id, 'creator-1', at(first, 13), ends ? at(end, 0) : null])
  }
  return rows
}

/** With the snapshots that churn reads. @param from first day of the snapshots, by default of the data */
export async function createChurnWorld(shape: Partial<ChurnWorldShape> = {}, from?: string): Promise<FeatureWorld> {
  const world = await createFeatureWorld(churnRows(shape))
  await world.build({ views: [userActivity, userVisits, userSubscriptions], from })
  return world
}
