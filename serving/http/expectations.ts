import type { z } from 'zod'

/**
 * What a schema expected, in the words of all our errors, where the schema itself does not say it. Given to every parse of a request,
 * so that no client reads a library's own messages.
 *
 * @returns undefined for an issue that says it already
 */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${nouns[issue.expected] ?? issue.expected}`
    case 'too_small':
      return `expected at least ${amount(issue.minimum, issue.origin)}`
    case 'too_big':
      return `expected at most ${amount(issue.maximum, issue.origin)}`
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`
    case 'invalid_key':
      return 'expected a shorter name'
    default:
      return undefined
  }
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a JSON object',
  record: 'a JSON object',
}

const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' }

const amount = (bound: number | bigint, origin: string): string => `${bound}${units[origin] ?? ''}`
