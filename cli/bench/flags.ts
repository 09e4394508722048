import { AppError } from '../../errors.ts'

/** Of a flag that may be repeated. */
export const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value]

/** @throws AppError CONFIG_INVALID */
export function integer(flag: string, text: string): number {
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new AppError('CONFIG_INVALID', `${flag} is ${text}; expected an integer.`)
}

/** Settings by name. @throws AppError CONFIG_INVALID for one without a name */
export const settingsOf = (set: readonly string[]): Record<string, string> => Object.fromEntries(set.map(keyAndValue))

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new AppError('CONFIG_INVALID', `--set ${text}: expected key=value, e.g. --set epochs=5.`)
}
