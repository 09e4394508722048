/** How long a client may take, milliseconds: one that sends or reads byte by byte does not hold a connection for long. */
export interface Patience {
  /** From the first byte of a request, or from the connection. */
  readonly headersTimeout: number
  /** Likewise for a whole request; of a stream of lines, for each next line. */
  readonly requestTimeout: number
  readonly connectionsCheckingInterval: number
  /** Without a byte in either direction. */
  readonly idleMs: number
  /** For a whole stream of lines, which is one of the requests under way all that time. */
  readonly streamMs: number
}

export const defaultPatience: Patience = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 1000,
  idleMs: 30_000,
  streamMs: 600_000,
}
