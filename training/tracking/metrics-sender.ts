/** How often metrics go to the tracking server while a run lasts, ms; after a failure rarer and rarer. */
const intervalMs = 1500
const longestIntervalMs = 30_000

export interface MetricsSender {
  /** Ends the sending. @returns the byte offset up to which everything has arrived */
  stop(): Promise<number>
}

/**
 * Sends what a growing file holds, every one or two seconds, in the background. A failure is told once, and tried again later:
 * nothing is lost, since the file keeps everything.
 *
 * @param send sends what lies behind an offset and returns the new one
 * @param onFailure told of the first failure of a row
 */
export function startMetricsSender(
  from: number,
  send: (offset: number) => Promise<number>,
  onFailure: (error: unknown) => void,
): MetricsSender {
  let offset = from
  let waitMs = intervalMs
  let stopped = false
  let sending: Promise<void> = Promise.resolve()
  let timer = schedule()

  function schedule(): NodeJS.Timeout {
    const next = setTimeout(() => {
      sending = attempt()
    }, waitMs)
    return next.unref() // must not keep the process alive
  }

  async function attempt(): Promise<void> {
    try {
      offset = await send(offset)
      waitMs = intervalMs
    } catch (error) {
      if (waitMs === intervalMs) onFailure(error)
      waitMs = Math.min(longestIntervalMs, waitMs * 2)
    }
    if (!stopped) timer = schedule()
  }

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await sending
      return offset
    },
  }
}
