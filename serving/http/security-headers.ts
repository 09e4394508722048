import type { RequestHandler } from 'express'

/** The page's scripts and data come from the service itself; ECharts sets inline styles in its tooltips. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The headers that matter, by hand: a library costs more time than the rest of the request. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('content-security-policy', contentSecurityPolicy)
  response.setHeader('cache-control', 'no-store')
  next()
}
