import { dimContent } from './dim-content.ts'
import { dimCreator } from './dim-creator.ts'
import { dimUser } from './dim-user.ts'
import { fctAudienceHourly } from './fct-audience-hourly.ts'
import { fctComments } from './fct-comments.ts'
import { fctContentDaily } from './fct-content-daily.ts'
import { fctInteractions } from './fct-interactions.ts'
import { fctSubscriptions } from './fct-subscriptions.ts'
import type { Mart } from './mart.ts'

/** All marts, each after those that it refers to. */
export const marts: readonly Mart[] = [
  dimCreator,
  dimUser,
  dimContent,
  fctInteractions,
  fctContentDaily,
  fctComments,
  fctSubscriptions,
  fctAudienceHourly,
]

export const findMart = (name: string): Mart | undefined => marts.find((mart) => mart.name === name)
