import { createSocket } from 'node:dgram'
import { hostname } from 'node:os'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { describe, expect, it } from 'vitest'
import { findHubs } from '../../agent/src/main/web/findHubs.ts'
import { multicastWorks } from '../../hub/testing/multicast.ts'
import { startHub } from '../../hub/testing/startHub.ts'

const MULTICAST = await multicastWorks()

/** Runs the agent's own search and returns its result and its log. */
async function search() {
  const lines: string[] = []
  const write = (_fields: object, event: string) => void lines.push(event)
  const found = await findHubs({
    clock: systemClock,
    log: { info: write, warn: write, error: write },
  })
  return { found, lines }
}

describe('an agent that searches its hub', () => {
  it.skipIf(!MULTICAST)(
    'an agent finds the hub on its network, at an address whose certificate has that name',
    async () => {
      const name = `Essai ${process.pid}`
      const hub = await startHub({ settings: { hub: { name }, listen: { host: '0.0.0.0' } } })
      const ours = ({ found }: Awaited<ReturnType<typeof search>>) =>
        found.filter((each) => each.name.startsWith(name))
      try {
        await hub.logged('hub.announced')
        const [first, ...others] = ours(await search())
        expect(first).toEqual({
          name: `${name} (${hostname()})`,
          address: `https://${hostname()}:${hub.port}`,
        })
        expect(others).toEqual([])
        const health = await hub.ask(`${first!.address}/health`)
        expect(health.json()).toMatchObject({ version: '0.0.0-test' })
        await hub.stop()
        expect(ours(await search())).toEqual([])
      } finally {
        await hub[Symbol.asyncDispose]()
      }
    },
  )

  it('an agent finds no hub and keeps running when another program owns the mDNS port exclusively', async () => {
    const taken = createSocket({ type: 'udp4' })
    const mayTake = await new Promise<boolean>((resolve) => {
      taken.once('error', () => resolve(false)) // a responder of this machine already shares the port: nothing to test
      taken.bind(5353, () => resolve(true))
    })
    try {
      const { lines } = await search()
      if (mayTake) expect(lines).toContain('mdns.failed')
    } finally {
      taken.close()
    }
  })
})
