import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Router } from 'express'
import { factsOf } from './request-facts.ts'

const pageDir = join(import.meta.dirname, '..', 'page')
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Paths and the files behind them; read once, as they are few and never change while the service runs. */
const files: readonly (readonly [path: string, file: string])[] = [
  ['/', 'index.html'],
  ['/docs', 'docs.html'],
  ...[
    'page.css',
    'page.js',
    'api.js',
    'recommendations.js',
    'posting-week.js',
    'draft.js',
    'drivers.js',
    'models.js',
    'docs.js',
    'icon.svg',
  ].map((name) => [`/page/${name}`, name] as const),
]

/** The page that a person clicks through, and the documentation; nothing is loaded from elsewhere. */
export function pages(): Router {
  const router = Router()
  const echarts = createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js')
  const all = [
    ...files.map(([path, name]) => [path, join(pageDir, name)] as const),
    ['/page/echarts.js', echarts] as const,
  ]
  for (const [path, file] of all) {
    const bytes = readFileSync(file)
    const type = types[file.split('.').at(-1)!]!
    router.get(path, (_request, response) => {
      factsOf(response).route = path
      response.setHeader('content-type', type)
      response.setHeader('cache-control', 'no-cache')
      response.end(bytes)
    })
  }
  return router
}
