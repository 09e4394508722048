/** What of an event says whether it was liked. */
interface Reaction {
  readonly eventType: string
  /** Share watched, 0 to 1. */
  readonly completion: number | null
  /** Stars of a rating. */
  readonly value: number | null
}

/** The rule of `isPositive` for an event that is not in a table yet; a test holds the two against each other. */
export function isPositiveEvent({ eventType, completion, value }: Reaction): boolean {
  switch (eventType) {
    case 'like':
    case 'comment':
    case 'share':
    case 'save':
      return true
    case 'rating':
      return (value ?? 0) >= 4
    case 'view':
      return (completion ?? 0) >= 0.7
    default:
      return false
  }
}
