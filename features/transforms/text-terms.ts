/** Numbers of n-gram terms: hashed into these (Weinberger et al. 2009), so that memory has a bound in every language. */
export const nGramBuckets = 1 << 18
const n = 4

/** Scripts that put no blanks between words: their words are pairs of characters. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** The words of a text, in lower case, in its order, repeats kept: runs of letters and digits of any script. */
export function wordsOf(text: string): string[] {
  const runs =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return runs.flatMap((run) => {
    if (!unspaced.test(run)) return [run]
    const characters = [...run]
    if (characters.length < 3) return [run]
    return characters.slice(1).map((character, at) => characters[at]! + character)
  })
}

/**
 * The 4-grams of a word with its ends marked, as buckets: what it shares with its other forms and with misspellings.
 *
 * @returns those of `<run` and `run>` for run; none for a word of one character
 */
export function nGramsOf(word: string): Int32Array {
  const marked = `<${word}>`
  const buckets = new Int32Array(Math.max(0, marked.length - n + 1))
  for (let start = 0; start < buckets.length; start++) {
    // FNV-1a, 32 bits, of the characters' codes.
    let hash = 0x811c9dc5
    for (let i = start; i < start + n; i++) hash = Math.imul(hash ^ marked.charCodeAt(i), 0x01000193)
    buckets[start] = (hash >>> 0) % nGramBuckets
  }
  return buckets
}
