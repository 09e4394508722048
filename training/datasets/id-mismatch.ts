interface Difference {
  readonly name: string
  readonly without: (id: string) => string
}

/** Ways in which two files write the same id differently, the likeliest first. */
const spellings: readonly Difference[] = [
  { name: 'quotes or blanks around them', without: (id) => id.replaceAll(/^["'\s]+|["'\s]+$/g, '') },
  { name: 'leading zeros', without: (id) => id.replace(/^0+(?=\d)/, '') },
  { name: 'decimals', without: (id) => id.replace(/\.0+$/, '') },
  { name: 'capitals', without: (id) => id.toLowerCase() },
]
const prefix: Difference = { name: 'a prefix before the number', without: (id) => id.replace(/^\D+(?=\d+$)/, '') }

const rule = 'Ids are texts and compared exactly: write them alike in both files.'

/**
 * Why two files share no id, for the message of an error: an example of each, and what would make them alike.
 *
 * Ids are texts and compared exactly: 7 is not 007.
 *
 * @param ours, theirs ids of both, neither empty
 */
export function idMismatch(ours: Iterable<string>, theirs: readonly string[]): string {
  const [first] = ours
  return spelledDifferently(ours, theirs, [...spellings, prefix]) ?? `${pair(first!, theirs[0]!)}. ${rule}`
}

/** An example of an id that both have, but write differently; undefined when there is none. */
export function spelledDifferently(
  ours: Iterable<string>,
  theirs: readonly string[],
  differences: readonly Difference[] = spellings,
): string | undefined {
  for (const { name, without } of differences) {
    const byForm = new Map(theirs.map((id) => [without(id), id]))
    for (const id of ours) {
      const other = byForm.get(without(id))
      if (other !== undefined) return `${pair(id, other)}, which differ by ${name}. ${rule}`
    }
  }
  return undefined
}

const pair = (one: string, other: string): string =>
  `the one has e.g. ${JSON.stringify(one)}, the other ${JSON.stringify(other)}`
