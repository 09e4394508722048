import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { terminalProgress } from '../progress.ts'

function capture(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, next) {
      text += String(chunk)
      next()
    },
  })
  return { stream: Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream, text: () => text }
}

describe('terminalProgress', () => {
  it('on a terminal rewrites one line with share and note', () => {
    const { stream, text } = capture(true)
    terminalProgress(stream).update('neu-mf epoch 1/4', 1, 4, 'loss 0.5')
    expect(text()).toContain('\r')
    expect(text()).toContain(' 25 %')
    expect(text()).toContain('loss 0.5')
  })

  it('on a pipe stays silent between its lines, and writes the last word', () => {
    const { stream, text } = capture(false)
    const progress = terminalProgress(stream)
    for (let i = 0; i < 1000; i++) progress.update('build', i, 1000)
    expect(text()).toBe('')
    progress.done('build', '1000 rows')
    expect(text()).toBe('build  1000 rows\n')
  })
})
