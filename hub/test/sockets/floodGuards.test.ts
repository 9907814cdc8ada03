import { expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFloodGuards } from '../../src/sockets/floodGuard.ts'

it('counts the messages of each client separately, and from 0 again a second later', async () => {
  const clock = createFakeClock()
  const guards = createFloodGuards({ clock, perSecond: 2 })
  const ask = (id: string, times: number) => Array.from({ length: times }, () => guards.allows(id))
  expect(ask('agent-1', 3)).toEqual([true, true, false])
  expect(ask('agent-2', 1)).toEqual([true])
  await clock.advance(1_000)
  expect(ask('agent-1', 3)).toEqual([true, true, false])
})

it('forgets clients that send nothing for a second, such as a revoked agent', async () => {
  const clock = createFakeClock()
  const guards = createFloodGuards({ clock, perSecond: 2 })
  for (let at = 0; at < 500; at += 1) guards.allows(`agent-${at.toFixed(0)}`)
  await clock.advance(1_000)
  guards.allows('agent-1')
  expect(guards.size).toBe(1)
})
