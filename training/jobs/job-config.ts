import type { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { TrainingJob } from './job.ts'

/** A job's configuration from `key=value` settings; see `parseSettings`. */
export const parseJobConfig = (job: TrainingJob, settings: Readonly<Record<string, string>>): unknown =>
  parseSettings(job.name, job.config, settings)

/**
 * A configuration from `key=value` settings, defaults filled in. A value that reads as JSON is that number, boolean or array;
 * anything else is text; a key with a dot, `outer.inner`, is an option within an option.
 *
 * @param name what the configuration belongs to, for messages
 * @throws AppError CONFIG_INVALID naming the key, what was expected and what came; also for a key the schema does not have
 */
export function parseSettings<C>(name: string, schema: z.ZodType<C>, settings: Readonly<Record<string, string>>): C {
  const given = nested(settings)
  const result = schema.safeParse(given)
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const key = String(issue.path[0] ?? '')
      return key === '' ? issue.message : `${key} is ${settings[key] ?? 'not set'}: ${issue.message}`
    })
    const lists = problems.some((problem) => problem.includes('expected array'))
    const how = lists ? `--set 'key=["a","b"]'` : '--set key=value'
    throw new AppError('CONFIG_INVALID', `${name}: ${problems.join('; ')}. Set it with ${how}.`, {
      details: { model: name, problems },
    })
  }
  // Most schemas drop what they do not know; a misspelt option must not be dropped in silence.
  const known = Object.keys(result.data as object)
  const unknown = Object.keys(given).filter((key) => !known.includes(key))
  if (unknown.length > 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `${name} has no option ${unknown.join(', ')}; expected ${known.length === 0 ? 'none' : `one of ${known.join(', ')}`}. Set it with --set key=value.`,
      { details: { model: name, unknown } },
    )
  }
  return result.data
}

/** `{ 'a.b': '1' }` → `{ a: { b: 1 } }` */
function nested(settings: Readonly<Record<string, string>>): Record<string, unknown> {
  const values: [string, unknown][] = []
  const groups: Record<string, Record<string, unknown>> = {}
  for (const [key, text] of Object.entries(settings)) {
    const dot = key.indexOf('.')
    if (dot < 0) values.push([key, jsonOrText(text)])
    else groups[key.slice(0, dot)] = { ...groups[key.slice(0, dot)], [key.slice(dot + 1)]: jsonOrText(text) }
  }
  return Object.fromEntries([...values, ...Object.entries(groups)])
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
