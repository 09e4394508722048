import type { Segments } from '../../models/payloads/segments.ts'

type Trait = Segments['segments'][number]['traits'][number]

/** A theme, told once per name however many features speak of it, and its words for much and for little. */
interface Wording {
  readonly theme: string
  readonly high: string
  readonly low: string
}

const wordings: readonly (readonly [pattern: RegExp, wording: Wording])[] = [
  [/^recency/, { theme: 'recency', high: 'lapsed', low: 'recently seen' }],
  [/^tenure/, { theme: 'tenure', high: 'long-standing', low: 'new' }],
  [/^evening/, { theme: 'time of day', high: 'evening', low: 'not-in-the-evening' }],
  [/^night/, { theme: 'time of day', high: 'night-time', low: 'not-at-night' }],
  [/^weekend/, { theme: 'weekend', high: 'weekend', low: 'weekday' }],
  [/^mean_completion/, { theme: 'completion', high: 'to-the-end', low: 'dipping-in' }],
  [/^skip/, { theme: 'skips', high: 'often skipping', low: 'rarely skipping' }],
  [/^like/, { theme: 'likes', high: 'liking', low: 'rarely liking' }],
  [/^comment/, { theme: 'comments', high: 'commenting', low: 'silent' }],
  [/^share/, { theme: 'shares', high: 'sharing', low: 'rarely sharing' }],
  [/^save/, { theme: 'saves', high: 'saving', low: 'rarely saving' }],
  [/^events_per/, { theme: 'sessions', high: 'binge', low: 'light-session' }],
  [/^distinct_creators/, { theme: 'activity', high: 'exploring', low: 'few-creators' }],
  [/^(events|active|positives|watch|distinct)/, { theme: 'activity', high: 'very active', low: 'quiet' }],
]

/**
 * Names segments by what sets them apart, in plain words, e.g. `very active weekend viewers`; no two get the same name.
 *
 * @param traits of each segment, the strongest first
 */
export function nameSegments(traits: readonly (readonly Trait[])[]): readonly string[] {
  const taken = new Set<string>()
  return traits.map((list, i) => {
    const words = wordsOf(list)
    for (let count = Math.min(2, words.length); count <= words.length; count++) {
      const name = count === 0 ? 'typical viewers' : `${words.slice(0, count).join(', ')} viewers`
      if (!taken.has(name)) {
        taken.add(name)
        return name
      }
    }
    const name = `${words.slice(0, 2).join(', ') || 'typical'} viewers ${i + 1}`
    taken.add(name)
    return name
  })
}

/** Below this a trait is no difference worth a word. */
const noticeable = 0.4

function wordsOf(traits: readonly Trait[]): readonly string[] {
  const themes = new Map<string, string>()
  for (const { feature, standardDeviations } of traits) {
    if (Math.abs(standardDeviations) < noticeable) continue
    const known = wordings.find(([pattern]) => pattern.test(feature))?.[1]
    const plain = feature.replaceAll('_', ' ')
    const wording = known ?? { theme: feature, high: `high ${plain}`, low: `low ${plain}` }
    if (!themes.has(wording.theme)) themes.set(wording.theme, standardDeviations > 0 ? wording.high : wording.low)
  }
  return [...themes.values()]
}

/** One sentence on a segment: its share, and its strongest traits in numbers. */
export function describeSegment(share: number, traits: readonly Trait[]): string {
  const told = traits
    .slice(0, 3)
    .map(
      ({ feature, mean, overall }) => `${feature.replaceAll('_', ' ')} ${figure(mean)} (everyone ${figure(overall)})`,
    )
  return `${(100 * share).toFixed(0)} % of the audience: ${told.join(', ')}.`
}

const figure = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en-US')
