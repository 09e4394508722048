import { AppError } from '../errors.ts'
import { type ModelName, modelNames } from '../models/artifact/manifest.ts'

/** @throws AppError INPUT_INVALID naming the models there are */
export function parseModelName(text: string): ModelName {
  const model = modelNames.find((name) => name === text)
  if (model !== undefined) return model
  throw new AppError('INPUT_INVALID', `There is no model ${JSON.stringify(text)}; expected ${modelNames.join(', ')}.`)
}

/** @throws AppError INPUT_INVALID unless the text is a whole number within the range */
export function parseWholeNumber(name: string, text: string, min: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= min) return value
  throw new AppError('INPUT_INVALID', `${name} is ${JSON.stringify(text)}; expected a whole number, at least ${min}.`)
}
