import type { FeatureField } from './feature-view.ts'

/** A float32 field; `fallback` is its value where nothing is known. */
export const number = (name: string, unit: string, description: string, fallback = 0): FeatureField => ({
  name,
  dtype: 'float32',
  unit,
  description,
  default: fallback,
})

/** A category field: a string with an open vocabulary, `''` where unknown. */
export const category = (name: string, description: string): FeatureField => ({
  name,
  dtype: 'category',
  unit: 'category',
  description,
  default: '',
})
