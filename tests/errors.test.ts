import { describe, expect, it } from 'vitest'
import { AppError, toAppError } from '../errors.ts'

describe('toAppError', () => {
  it('keeps an AppError as it is', () => {
    const error = new AppError('NOT_FOUND', 'no such model')
    expect(toAppError(error)).toBe(error)
  })

  it('recognises a full disk, whoever reported it', () => {
    expect(toAppError(Object.assign(new Error('write failed'), { code: 'ENOSPC' })).code).toBe('DISK_FULL')
    expect(toAppError(new Error('IO Error: could not write: No space left on device')).code).toBe('DISK_FULL')
    expect(toAppError(Object.assign(new Error('EFBIG: file too large, write'), { code: 'EFBIG' })).code).toBe(
      'DISK_FULL',
    )
    expect(toAppError(new Error('IO Error: Could not write file "w.duckdb": File too large')).code).toBe('DISK_FULL')
  })

  it('recognises a cancellation', () => {
    expect(toAppError(new DOMException('This operation was aborted', 'AbortError')).code).toBe('CANCELLED')
  })

  it('gives anything else the fallback code and keeps the cause', () => {
    const error = toAppError('plain text', 'STORE_FAILED')
    expect(error).toMatchObject({ code: 'STORE_FAILED', message: 'plain text', cause: 'plain text' })
  })
})
