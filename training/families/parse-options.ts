import { AppError } from '../../errors.ts'
import type { RecommenderFamily } from './family.ts'

/**
 * The options of a family, defaults filled in.
 *
 * @param how what sets one of them, for messages
 * @throws AppError CONFIG_INVALID naming the option, also one that the family does not have
 */
export function parseOptions(
  family: RecommenderFamily,
  options: Readonly<Record<string, unknown>>,
  how: string,
): object {
  const defaults = family.config.parse({}) as object
  const unknown = Object.keys(options).filter((key) => !Object.hasOwn(defaults, key))
  const parsed = family.config.safeParse(options)
  if (parsed.success && unknown.length === 0) return parsed.data as object
  const problems = parsed.success
    ? [`it has no option ${unknown.join(', ')}; expected ${Object.keys(defaults).join(', ')}`]
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new AppError('CONFIG_INVALID', `${family.name}: ${problems.join('; ')}. Set it with ${how}.`)
}
