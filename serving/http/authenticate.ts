import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'

/** Whether an address is reachable from this machine only. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)

/** Refuses to listen on a public address without API keys. @throws AppError CONFIG_INVALID */
export function checkExposure({ host, apiKeys }: Pick<Config, 'host' | 'apiKeys'>): void {
  if (isLoopback(host) || apiKeys.length > 0) return
  throw new AppError(
    'CONFIG_INVALID',
    `HOST is ${host}, which other machines can reach, but API_KEYS is empty. Set API_KEYS to one or more secret keys, separated by commas, or HOST to 127.0.0.1.`,
  )
}

/**
 * Asks for one of the API keys, as `Authorization: Bearer <key>` or `x-api-key: <key>`. Without keys everyone may pass, which
 * `checkExposure` allows on loopback only.
 */
export function authenticate(apiKeys: readonly string[]): RequestHandler {
  const digests = apiKeys.map(digest)
  return (request, response, next) => {
    if (digests.length === 0) return next()
    const given = bearer(request.headers.authorization) ?? request.headers['x-api-key']
    if (typeof given === 'string' && isKnown(digest(given), digests)) return next()
    response.setHeader('www-authenticate', 'Bearer')
    const came = given === undefined ? 'none came' : 'the one that came is not known'
    throw new AppError(
      'UNAUTHENTICATED',
      `Expected an API key, ${came}. Send it as \`Authorization: Bearer <key>\` or \`x-api-key: <key>\`.`,
    )
  }
}

const bearer = (header: string | undefined): string | undefined => /^bearer +(\S+)$/i.exec(header ?? '')?.[1]

/** Digests have one length, so that comparing them tells nothing of the key's. */
const digest = (key: string): Buffer => createHash('sha256').update(key).digest()

/** Looks at all keys, whichever matches, so that the time does not tell which. */
function isKnown(given: Buffer, digests: readonly Buffer[]): boolean {
  let found = false
  for (const known of digests) found = timingSafeEqual(given, known) || found
  return found
}
