import { createHash } from 'node:crypto'

/** The one key outside of all versions: what is current. */
export const currentKey = 'meta/current'
export const versionsPrefix = 'meta/version/'
/** A mark that a version was begun, so that one a killed process left can be found. */
export const versionKey = (version: string): string => `${versionsPrefix}${version}`

export const versionPrefix = (version: string): string => `v/${version}/`
export const dictionaryKey = (version: string, view: string): string => `v/${version}/dictionary/${view}`
export const rowKey = (version: string, view: string, id: string): string => `v/${version}/row/${view}/${idKey(id)}`
export const historyKey = (version: string, userId: string): string => `v/${version}/history/${idKey(userId)}`
/** There for a person of whom nothing may be kept. */
export const optOutKey = (version: string, userId: string): string => `v/${version}/opt-out/${idKey(userId)}`
export const contentBlockKey = (version: string, block: number): string => `v/${version}/contents/${block}`
export const creatorBlockKey = (version: string, block: number): string => `v/${version}/creators/${block}`
export const usersKey = (version: string): string => `v/${version}/users`
export const liveKey = (userId: string): string => `live/${idKey(userId)}`

/** Everything that a version holds of one person, but for the mark of an opt-out. */
export const personalKeys = (
  version: string,
  views: readonly { readonly name: string; readonly entity: string }[],
  userId: string,
): string[] => [
  historyKey(version, userId),
  ...views.filter((view) => view.entity === 'user').map((view) => rowKey(version, view.name, userId)),
]

/** LMDB keys end at 1,978 bytes; an id takes at most three for each of its UTF-16 units. */
const longestId = 400

/** An id as the last part of a key: itself, or its hash where it is too long or holds what a key may not. */
function idKey(id: string): string {
  if (id.length <= longestId && !/[\p{Cc}\p{Cs}]/u.test(id)) return `=${id}`
  return `#${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('hex')}`
}
