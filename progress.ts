/** Progress of long work, for a person. Each call may come often; showing it is rate-limited. */
export interface Progress {
  /**
   * @param label what is being done, e.g. `neu-mf epoch 3/20`
   * @param done units finished; total units expected (same unit)
   * @param note a short figure to show behind, e.g. `loss 0.312`
   */
  update(label: string, done: number, total: number, note?: string): void
  /** Ends the current line with a last word. */
  done(label: string, note?: string): void
}

export const silentProgress: Progress = { update() {}, done() {} }

/**
 * One line on a terminal, rewritten in place, with the estimated time left; on anything else a line every ten seconds.
 *
 * @param stream usually process.stderr
 */
export function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const intervalMs = stream.isTTY ? 100 : 10_000
  let current = ''
  let startedAt = 0
  let shownAt = 0
  const write = (text: string, last: boolean): void => {
    if (stream.isTTY) stream.write(`\r\u001b[2K${text}${last ? '\n' : ''}`)
    else stream.write(`${text}\n`)
  }
  return {
    update(label, done, total, note = '') {
      const now = performance.now()
      if (label !== current) {
        current = label
        startedAt = now
        shownAt = stream.isTTY ? 0 : now
      }
      if (now - shownAt < intervalMs) return
      shownAt = now
      const share = total > 0 ? Math.min(1, done / total) : 0
      const left = done > 0 ? ((now - startedAt) / done) * Math.max(0, total - done) : Number.NaN
      write(`${label} ${bar(share)} ${(share * 100).toFixed(0).padStart(3)} %  ${eta(left)}  ${note}`, false)
    },
    done(label, note = '') {
      current = ''
      write(`${label}  ${note}`, true)
    },
  }
}

const bar = (share: number): string => {
  const filled = Math.round(share * 24)
  return `[${'█'.repeat(filled)}${'·'.repeat(24 - filled)}]`
}

const eta = (milliseconds: number): string =>
  Number.isFinite(milliseconds) ? `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s left` : ''
