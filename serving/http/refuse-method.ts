import type { RequestHandler } from 'express'
import { HttpRefusal } from './problem.ts'

/** Answers 405 and says in `allow` what a path takes: for whatever its routes did not answer. @param methods in capitals */
export function refuseMethod(methods: readonly string[]): RequestHandler {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods
  return (request, response) => {
    response.setHeader('allow', allowed.join(', '))
    throw new HttpRefusal(405, 'INPUT_INVALID', `Expected ${allowed.join(' or ')}, got ${request.method}.`)
  }
}
