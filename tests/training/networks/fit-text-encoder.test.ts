import { describe, expect, it } from 'vitest'
import { type TextEncoder, textEncoding } from '../../../features/transforms/text-encoder.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { fitTextEncoder } from '../../../training/networks/fit-text-encoder.ts'

const options = { directions: 2, seed: 1, signal: new AbortController().signal }
const encodeTexts = (encoder: TextEncoder, fields: readonly (readonly string[])[]) => textEncoding(encoder)(fields)
const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i)

/** Titles in which `official` is worth one more and `leaked` one less, among words that say nothing. */
function titles(count: number) {
  const random = createRandom(5)
  const fillers = ['song', 'video', 'live', 'new', 'my', 'the']
  const texts: string[] = []
  const residual = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const words = Array.from({ length: 3 }, () => fillers[random.int(fillers.length)]!)
    const kind = random.int(3)
    if (kind === 1) words.push('Official!')
    if (kind === 2) words.unshift('LEAKED')
    residual[i] = [0, 1, -1][kind]! + 0.1 * random.normal()
    texts.push(words.join(' '))
  }
  return { texts, residual }
}

describe('fitTextEncoder', () => {
  it('foretells by what words were worth, in any case and with any marks', async () => {
    const { texts, residual } = titles(400)
    const { encoder } = await fitTextEncoder([texts], residual, all(400), options)
    const worthOf = (text: string): number => encodeTexts(encoder, [[text]])[0]!
    expect(worthOf('new official song')).toBeGreaterThan(0.5)
    expect(worthOf('leaked: my video')).toBeLessThan(-0.5)
    expect(Math.abs(worthOf('the new live video'))).toBeLessThan(0.3)
  })

  it('training rows get what the other blocks foretell; rows behind them what all do', async () => {
    const { texts, residual } = titles(400)
    const train = all(300)
    // A word of one block alone: whoever sees its own row would believe it.
    texts.fill('unheard word', 0, 5)
    residual.fill(9, 0, 5)
    const { encoder, encoded } = await fitTextEncoder([texts], residual, train, options)
    const whole = encodeTexts(encoder, [texts])
    expect(encoded[0]).toBe(0)
    expect(whole[0]).toBeGreaterThan(2)
    expect(encoded.subarray(300 * encoder.width)).toEqual(whole.subarray(300 * encoder.width))
  })

  it('what says nothing leaves zeros: an unknown text, one of emoji, one whose words nobody had', async () => {
    const { texts, residual } = titles(100)
    const { encoder } = await fitTextEncoder([texts], residual, all(100), options)
    expect([...encodeTexts(encoder, [['', '🎉🎉', 'xyzzy plugh']])]).toEqual(new Array(3 * encoder.width).fill(0))
  })

  it('texts that share no word: no terms, and one number of zero', async () => {
    const { encoder, encoded } = await fitTextEncoder([['a1', 'b2', 'c3']], Float64Array.of(1, 2, 3), all(3), options)
    expect(encoder.vocabulary.terms).toEqual([[]])
    expect([...encoded]).toEqual([0, 0, 0])
  })

  it('several fields: a word is another in each', async () => {
    const { texts, residual } = titles(400)
    const other = texts.map((_, i) => ['official words', 'leaked words'][i % 2]!)
    const { encoder } = await fitTextEncoder([texts, other], residual, all(400), options)
    const worthOf = (title: string, description: string): number => encodeTexts(encoder, [[title], [description]])[0]!
    expect(worthOf('official', '')).toBeGreaterThan(worthOf('', 'official') + 0.5)
  })

  it('reads the beginning of a very long text, in no time', async () => {
    const { texts, residual } = titles(100)
    const { encoder } = await fitTextEncoder([texts], residual, all(100), options)
    const started = performance.now()
    const encoded = encodeTexts(encoder, [[`official ${'word '.repeat(20_000)}`]])
    expect(performance.now() - started).toBeLessThan(200)
    expect(encoded[0]).toBeGreaterThan(0)
  })

  it('the same texts give the same encoder', async () => {
    const { texts, residual } = titles(200)
    const first = await fitTextEncoder([texts], residual, all(200), options)
    const second = await fitTextEncoder([texts], residual, all(200), options)
    expect(second).toEqual(first)
  })
})
