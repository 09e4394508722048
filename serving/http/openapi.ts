import { z } from 'zod'
import { errorMeanings } from '../../errors.ts'
import { envelope } from './fields.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(errorMeanings)).meta({ 'x-enumDescriptions': errorMeanings }),
    errors: z.array(z.object({ field: z.string(), message: z.string() })),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' })

/** The OpenAPI 3.1 document of the routes, from the schemas that validate them. */
export function openApi(routes: readonly Route[], version: string): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'ContentFlow',
      version,
      description:
        'Recommendations and predictions for media content. Each answer names the model version that made it; a fallback says why. Errors are problem documents (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
    security: [{}, { bearer: [] }, { apiKey: [] }],
  }
}

function operation(route: Route, schemas: Json): Json {
  const { operationId, tag, summary, description, example, body, lines } = route
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...parameters(route.params, 'path', example.params, schemas),
      ...parameters(route.query, 'query', example.query, schemas),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: schemaOf(body.schema, 'input', schemas), example: example.body },
              ...(lines === undefined ? {} : linesContent),
            },
          },
        }),
    responses: responses(route, schemas),
  }
}

function responses(route: Route, schemas: Json): Json {
  const answer = { 'application/json': { schema: allOf(route.answer, schemas) } }
  const problem = { 'application/problem+json': { schema: schemaOf(problemSchema, 'output', schemas) } }
  const own = Object.entries(route.statuses ?? {}).map(([status, description]) => [
    status,
    { description, content: Number(status) < 300 ? answer : problem },
  ])
  return {
    200: { description: 'the answer', content: { ...answer, ...(route.lines === undefined ? {} : linesContent) } },
    400: { description: 'a parameter or the body is wrong; `errors` names the field', content: problem },
    401: { description: 'no or a wrong API key', content: problem },
    ...(route.body === undefined
      ? {}
      : {
          413: { description: 'the body is too large', content: problem },
          415: { description: 'the body is not JSON by its content-type', content: problem },
        }),
    503: { description: 'no model, a store is away, or too busy: try again later', content: problem },
    ...Object.fromEntries(own),
    default: { description: 'any other problem', content: problem },
  }
}

/** A JSON text per line: OpenAPI 3.1 has no schema for that. */
const linesContent: Json = { 'application/x-ndjson': { schema: { type: 'string' } } }

const allOf = (answer: z.ZodType, schemas: Json): Json => ({
  allOf: [schemaOf(answer, 'output', schemas), schemaOf(envelope, 'output', schemas)],
})

function parameters(schema: z.ZodType, place: 'path' | 'query', example: Json | undefined, schemas: Json): Json[] {
  const { properties, required } = schemaOf(schema, 'input', schemas) as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property
    return {
      name,
      in: place,
      required: required?.includes(name) ?? false,
      ...(description === undefined ? {} : { description }),
      schema: rest,
      ...(example?.[name] === undefined ? {} : { example: example[name] }),
    }
  })
}

/** A schema in JSON; what has a name of its own goes to the components and is referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  // Answers may gain fields, so a client must not refuse what it does not know: no additionalProperties: false there.
  const json = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema: { _zod: zod }, jsonSchema }) => {
      if (io === 'output') delete jsonSchema.additionalProperties
      // Left out by zod where the text of a parameter is turned to a number first.
      if (zod.def.type === 'default') jsonSchema.default = zod.def.defaultValue
    },
  }) as Json
  const { $schema: _dialect, $defs, ...own } = json
  for (const [name, definition] of Object.entries(($defs as Json | undefined) ?? {})) {
    const { id: _id, ...rest } = definition as Json
    schemas[name] = hoisted(rest)
  }
  return hoisted(own) as Json
}

/** The same JSON with references to `#/$defs/…` turned to the components. */
function hoisted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hoisted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
        : [key, hoisted(inner)],
    ),
  )
}
