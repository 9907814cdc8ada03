import { describe, expect, it } from 'vitest'
import { createClosers } from '../src/closers.ts'

const NAMES = ['recordings', 'hub', 'recorder', 'calls']

describe('what was opened', () => {
  it.each(NAMES)('is closed in reverse order, all of it, also when closing the %s fails', async (failing) => {
    const closed: string[] = []
    const reports: unknown[] = []
    const closers = createClosers({ failed: (what, error) => reports.push([what, error]) })
    const failure = new Error('disk gone')
    for (const name of NAMES)
      closers.add(name, async () => {
        await Promise.resolve()
        closed.push(name)
        if (name === failing) throw failure
      })
    await Promise.all([closers.closeAll(), closers.closeAll()])
    expect(closed).toEqual([...NAMES].reverse())
    expect(reports).toEqual([[failing, failure]])
  })

  it('is closed to its end when one fails at once, and each that closed is told', async () => {
    const reports: unknown[] = []
    const closers = createClosers({
      closed: (what) => reports.push(what),
      failed: (what) => reports.push(`${what} failed`),
    })
    closers.add('first', () => undefined)
    closers.add('throws', () => {
      throw new Error('stuck')
    })
    closers.add('last', () => undefined)
    await closers.closeAll()
    expect(reports).toEqual(['last', 'throws failed', 'first'])
  })
})
