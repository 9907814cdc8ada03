import { createSocket } from 'node:dgram'
import { hostname } from 'node:os'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { HUB_SERVICE, PROTOCOL_VERSION } from '@3cx-ninja/protocol'
import { Bonjour, type Service } from 'bonjour-service'
import { describe, expect, it } from 'vitest'
import { planAnnouncement } from '../../src/announce/announcement.ts'
import { hubSettings } from '../../src/settings/schema.ts'
import { startAnnouncer } from '../../src/announce/announcer.ts'
import { multicastWorks } from '../../testing/multicast.ts'
import { startHub } from '../../testing/startHub.ts'

const MULTICAST = await multicastWorks()

/** Searches by mDNS as an agent does; resolves `up` when the hub is found, and `down` when it is gone. */
function searchFor(name: string) {
  const bonjour = new Bonjour()
  const browser = bonjour.find({ type: HUB_SERVICE })
  const until = (event: 'up' | 'down') =>
    new Promise<Service>((resolve) =>
      browser.on(event, (service: Service) => (service.name.startsWith(name) ? resolve(service) : undefined)),
    )
  return { up: until('up'), down: until('down'), [Symbol.dispose]: () => bonjour.destroy() }
}

describe('a hub that announces itself', () => {
  it.skipIf(!MULTICAST)(
    'a hub is found on the network while it runs, and is gone when it stops',
    async () => {
      const name = `Essai ${process.pid}`
      using check = searchFor(name)
      await using hub = await startHub({ settings: { hub: { name }, listen: { host: '0.0.0.0' } } })
      expect((await hub.logged('hub.announced')).fields).toMatchObject({ name: `${name} (${hostname()})` })
      const found = await check.up
      expect({ host: found.host, port: found.port, txt: found.txt as unknown }).toEqual({
        host: hostname(),
        port: hub.port,
        txt: { protocol: String(PROTOCOL_VERSION), address: `https://${hostname()}:${hub.port}` },
      })
      await hub.stop()
      await check.down
    },
  )

  it('a hub runs on, and logs the remedy, when another program holds the mDNS port alone', async () => {
    const occupied = createSocket({ type: 'udp4' })
    await new Promise<void>((resolve) => occupied.bind(0, resolve))
    const lines: { event: string; fields: object }[] = []
    const write = (fields: object, event: string) => void lines.push({ event, fields })
    const failed = Promise.withResolvers<undefined>()
    const announcer = startAnnouncer({
      plan: plan({}),
      clock: systemClock,
      port: occupied.address().port,
      openSocket: () => createSocket({ type: 'udp4', reuseAddr: false }),
      log: {
        debug: write,
        info: write,
        error: write,
        warn(fields, event) {
          write(fields, event)
          failed.resolve(undefined)
        },
      },
    })
    await failed.promise
    await announcer.stop()
    await announcer.stop()
    occupied.close()
    expect(lines).toEqual([
      {
        event: 'announcement.failed',
        fields: {
          cause: expect.stringContaining('EADDRINUSE') as string,
          remedy: expect.stringContaining('type its address') as string,
        },
      },
    ])
  })
})

const plan = (settings: object, machine = 'srv-hub') =>
  planAnnouncement({ settings: hubSettings.parse(settings), port: 3_000, machine })
const announced = (settings: object, machine?: string) => {
  const planned = plan(settings, machine)
  return planned.at === 'announced' ? planned.announcement : planned
}

describe('the announcement', () => {
  it('announces the public address where one is set, else the machine’s name', () => {
    expect(announced({})).toEqual({
      name: '3CX-Ninja Realtime (srv-hub)',
      host: 'srv-hub',
      port: 3_000,
      txt: { protocol: String(PROTOCOL_VERSION), address: 'https://srv-hub:3000' },
    })
    expect(announced({ hub: { publicUrl: 'https://ninja.example/' } })).toMatchObject({
      host: 'ninja.example',
      port: 443,
      txt: { address: 'https://ninja.example' },
    })
    expect(announced({ listen: { host: '192.0.2.7' } })).toMatchObject({ host: '192.0.2.7', port: 3_000 })
  })

  it('announces nothing where no other machine can connect, or where announcing is switched off', () => {
    expect(announced({ hub: { announce: false } })).toEqual({ at: 'silent', why: 'switched-off' })
    for (const host of ['127.0.0.1', '127.0.0.9', '::1', 'localhost'])
      expect(announced({ listen: { host } })).toEqual({ at: 'silent', why: 'this-machine-only' })
    const behindProxy = { tls: { mode: 'off', behindProxy: '192.0.2.1' } }
    expect(announced(behindProxy)).toEqual({ at: 'silent', why: 'no-tls-address' })
    expect(announced({ ...behindProxy, hub: { publicUrl: 'https://ninja.example' } })).toMatchObject({
      port: 443,
    })
  })

  it('cuts the announced name to one DNS label by whole characters, and keeps the machine’s name', () => {
    const announcement = announced({ hub: { name: 'Société Générale des Étés '.repeat(4) } }, 'é'.repeat(60))
    const { name } = announcement as { name: string }
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
    expect(name).toMatch(/^Société Générale.* \(é+\)$/)
  })
})
