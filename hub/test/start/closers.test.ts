import { expect, it } from 'vitest'
import type { Log } from '../../src/observe/log.ts'
import { createClosers } from '../../src/start/closers.ts'

it('closes all the rest when one fails to close, at once or later, and tells which', async () => {
  const told: unknown[] = []
  const quiet = () => undefined
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (fields, event) => void told.push([event, fields]) } // prettier-ignore
  const closers = createClosers(log)
  const closed: string[] = []
  closers.add('first', () => void closed.push('first'))
  closers.add('throws', () => {
    throw new Error('stuck')
  })
  closers.add('rejects', () => Promise.reject(new Error('disk full')))
  closers.add('last', () => void closed.push('last'))
  await Promise.all([closers.closeAll(), closers.closeAll()])
  expect(closed).toEqual(['last', 'first'])
  expect(told).toEqual([
    ['stop.failed', { what: 'rejects', error: 'Error: disk full' }],
    ['stop.failed', { what: 'throws', error: 'Error: stuck' }],
  ])
})
