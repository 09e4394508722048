import { AppError } from '../errors.ts'
import { type ModelName, modelNames } from '../models/artifact/manifest.ts'

/** @throws AppError INPUT_INVALID naming the models there are */
export function parseModelName(text: string): ModelName {
  const model = modelNames.find((name) => name === text)
  if (model !== undefined) return model
  throw new AppError('INPUT_INVALID', `There is no model ${JSON.stringify(text)}; expected ${modelNames.join(', ')}.`)
}

/** @throws AppError INPUT_INVALID unless the text is a whole number from `min` to `max`, both included */
export function parseWholeNumber(name: string, text: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`
  throw new AppError('INPUT_INVALID', `${name} is ${JSON.stringify(text)}; expected a whole number, ${range}.`)
}
