import { describe, expect, it } from 'vitest'
import { createClosers } from '../src/closers.ts'

const NAMES = ['recordings', 'hub', 'recorder', 'calls']

describe('what was opened', () => {
  it.each(NAMES)('is closed in reverse order, all of it, also when closing the %s fails', async (failing) => {
    const closed: string[] = []
    const told: unknown[] = []
    const closers = createClosers({ failed: (what, error) => told.push([what, error]) })
    const trouble = new Error('disk gone')
    for (const name of NAMES)
      closers.add(name, async () => {
        await Promise.resolve()
        closed.push(name)
        if (name === failing) throw trouble
      })
    await Promise.all([closers.closeAll(), closers.closeAll()])
    expect(closed).toEqual([...NAMES].reverse())
    expect(told).toEqual([[failing, trouble]])
  })

  it('is closed to its end when one fails at once, and each that closed is told', async () => {
    const told: unknown[] = []
    const closers = createClosers({
      closed: (what) => told.push(what),
      failed: (what) => told.push(`${what} failed`),
    })
    closers.add('first', () => undefined)
    closers.add('throws', () => {
      throw new Error('stuck')
    })
    closers.add('last', () => undefined)
    await closers.closeAll()
    expect(told).toEqual(['last', 'throws failed', 'first'])
  })
})
