/** Where a table has its columns, from 0; a column it lacks is absent. */
export interface NamedColumns {
  readonly user?: number
  readonly item?: number
  readonly time?: number
}

/** The names that a header may use, as `plainName` writes them. Where two columns have names of one kind, the earlier name wins. */
const names = {
  user: ['user', 'visitor', 'customer', 'member', 'reader', 'reviewer', 'client', 'session'],
  item: ['item', 'content', 'article', 'product', 'movie', 'film', 'book', 'song', 'track', 'video', 'news', 'page'],
  time: ['timestamp', 'datetime', 'time', 'ts', 'date', 'unixtime', 'eventtime', 'createdat'],
} as const
const short = { user: 'uid', item: 'iid', time: '' } as const

/** For messages: what a header may say. */
export const understoodHeader =
  `the user (${names.user.join(', ')}; with or without _id; or uid), ` +
  `the item (${names.item.join(', ')}; with or without _id; or iid) and perhaps the time (${names.time.join(', ')}), ` +
  'in any order, e.g. user_id,item_id,timestamp'

/** The columns that a line names, if it is a header: ids may be words too, so only the usual names count. */
export function namedColumns(fields: readonly string[]): NamedColumns {
  const plain = fields.map(plainName)
  const user = placeOf(plain, 'user')
  const item = placeOf(plain, 'item')
  const time = placeOf(plain, 'time')
  return {
    ...(user !== undefined && { user }),
    ...(item !== undefined && { item }),
    ...(time !== undefined && { time }),
  }
}

/**
 * Whether a line is likely a header though it does not name both user and item: it begins with such a name, or has one that speaks of ids.
 * The bare words elsewhere may be ids: `alice,news`.
 */
export function seemsHeader(fields: readonly string[]): boolean {
  const { user, item } = namedColumns(fields)
  return [user, item].some((at) => at !== undefined && (at === 0 || plainName(fields[at]!).endsWith('id')))
}

function placeOf(plain: readonly string[], kind: keyof typeof names): number | undefined {
  const known = [...names[kind].flatMap((name) => (kind === 'time' ? [name] : [`${name}id`, name])), short[kind]]
  const name = known.find((one) => one !== '' && plain.includes(one))
  return name === undefined ? undefined : plain.indexOf(name)
}

/** `"User_ID":token` → `userid`. */
const plainName = (field: string): string =>
  field
    .replace(/:.*$/, '')
    .replaceAll(/["'\s_.-]/g, '')
    .toLowerCase()
