import { describe, expect, it } from 'vitest'
import { areOtherNumbers, isSameNumber } from '../src/index.ts'

describe('telephone numbers', () => {
  it.each([
    ['06 12 34 56 78', '+33612345678', true],
    ['0033612345678', '+33 6 12 34 56 78', true],
    ['+33612345679', '+33612345678', false],
    ['201', '201', true],
    ['0201', '201', false],
    ['', '', false],
    ['anonymous', 'anonymous', false],
  ])('%s and %s are the same number: %s', (one, other, same) => {
    expect(isSameNumber(one, other)).toBe(same)
  })

  it.each([
    ['+33612345679', '0612345678', true],
    ['06 12 34 56 78', '+33612345678', false],
    ['anonymous', '+33612345678', false],
    [undefined, '+33612345678', false],
    ['201', '202', true],
  ])('%s and %s tell two callers apart: %s', (one, other, apart) => {
    expect(areOtherNumbers(one, other)).toBe(apart)
    expect(areOtherNumbers(other, one)).toBe(apart)
  })
})
