import { expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { watchNetwork } from '../../src/main/hub/watchNetwork.ts'

it('a network watch reports once that the PC has other addresses, and nothing after its stop', async () => {
  const clock = createFakeClock(0)
  const eth = [{ address: '192.168.1.20' }]
  let interfaces: Record<string, { address: string }[]> = { lo: [{ address: '127.0.0.1' }], eth0: eth }
  let changes = 0
  const watch = watchNetwork({ clock, interfaces: () => interfaces, onChange: () => (changes += 1) })
  await clock.advance(10_000)
  expect(changes).toBe(0)
  interfaces = { eth0: eth, lo: [{ address: '127.0.0.1' }] } // only another order
  await clock.advance(10_000)
  expect(changes).toBe(0)
  interfaces = { lo: [{ address: '127.0.0.1' }], wlan0: [{ address: '10.8.0.4' }] }
  await clock.advance(3_000)
  expect(changes).toBe(1)
  await clock.advance(30_000)
  expect(changes).toBe(1)
  watch.stop()
  interfaces = {}
  await clock.advance(30_000)
  expect(changes).toBe(1)
})
