import { describe, expect, it } from 'vitest'
import { jsonSize } from '../../../serving/http/json-size.ts'

const sizeOf = (text: string) => jsonSize(Buffer.from(text))

describe('jsonSize', () => {
  it('counts lists, objects and the commas between their entries', () => {
    // {, [, {, {: 4 openings; 3 commas
    expect(sizeOf('{"a": [{"b": 1}, {}], "c": 2, "d": 3}')).toEqual({ depth: 3, values: 7 })
    expect(sizeOf('7')).toEqual({ depth: 0, values: 0 })
  })

  it('passes over texts, with their escaped quotes and backslashes', () => {
    expect(sizeOf('["[,{", "\\"[", "\\\\", ","]')).toEqual({ depth: 1, values: 4 })
  })

  it('ends with the bytes, also within a text or an escape', () => {
    expect(sizeOf('["abc')).toEqual({ depth: 1, values: 1 })
    expect(sizeOf('["abc\\')).toEqual({ depth: 1, values: 1 })
  })
})
