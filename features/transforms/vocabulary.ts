/** The values of a category field that a model knows; `values[0]` is `''`, the unknown one. */
export interface Vocabulary {
  readonly values: readonly string[]
}

/**
 * Learns a vocabulary: values seen at least `minCount` times, the most frequent first, ties in code-unit order.
 *
 * @param column one value per example; `''` (unknown) is never counted
 * @param maxSize most values kept beside the unknown one
 */
export function fitVocabulary(column: readonly string[], minCount = 1, maxSize = Number.POSITIVE_INFINITY): Vocabulary {
  const counts = new Map<string, number>()
  for (const value of column) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
  const kept = [...counts]
    .filter(([, count]) => count >= minCount)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, maxSize)
  return { values: ['', ...kept.map(([value]) => value)] }
}

/** Replaces each value by its index in the vocabulary; 0 for one it does not have. */
export function encode(vocabulary: Vocabulary, column: readonly string[]): Int32Array {
  const index = new Map(vocabulary.values.map((value, i) => [value, i]))
  return Int32Array.from(column, (value) => index.get(value) ?? 0)
}
