import { randomBytes } from 'node:crypto'
import type { Response } from 'express'

/** What is noted of a request on its way, for the log and the metrics. */
export interface RequestFacts {
  readonly requestId: string
  readonly startedAt: number
  /** The template, e.g. `/v1/users/{id}/segment`: never the path, which holds ids of persons. */
  route: string
  code: string | undefined
  fallback: string | undefined
}

const processPrefix = randomBytes(4).toString('hex')
let counter = 0

/** An id that a log line can be found by: the client's own when it is a plain word, else one that is unique to this process. */
const requestIdOf = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : `${processPrefix}-${(counter++).toString(36)}`

export const newFacts = (given: string | string[] | undefined): RequestFacts => ({
  requestId: requestIdOf(given),
  startedAt: performance.now(),
  route: 'unmatched',
  code: undefined,
  fallback: undefined,
})

export const factsOf = (response: Response): RequestFacts => response.locals.facts as RequestFacts
