/** One page of a listing: MLflow leaves an empty list out altogether. */
export interface Page<T> {
  readonly items: readonly T[] | undefined
  readonly nextPageToken?: string | undefined
}

/** All entries of a paged listing, one page fetched at a time. Search tokens are offsets: entries added meanwhile may shift it. */
export async function* allPages<T>(fetchPage: (pageToken: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let token: string | undefined
  do {
    const page = await fetchPage(token)
    yield* page.items ?? []
    token = page.nextPageToken === '' ? undefined : page.nextPageToken
  } while (token !== undefined)
}

/** A text in a search filter, e.g. `` `name = ${filterText(name)}` ``. */
export function filterText(value: string): string {
  if (!value.includes("'")) return `'${value}'`
  if (!value.includes('"')) return `"${value}"`
  throw new RangeError(`MLflow filters cannot hold a text with both kinds of quotes: ${value}`)
}
