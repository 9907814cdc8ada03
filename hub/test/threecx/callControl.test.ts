import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import { inbound, internal, outbound } from '../../../test/sandbox/pbx/participants.ts'
import { aPbxWorld, type PbxWorld } from '../../testing/pbxWorld.ts'

/** Resolves once no leg is left and the grace after which a leg ends has passed. */
const hungUp = async (world: PbxWorld) => {
  await world.until('nobody is in a call', () => world.client.control.figures().legs === 0)
  await world.clock.advance(2_100)
}
const has = (world: PbxWorld, count: number) =>
  world.until(`${count} facts, now ${world.delivered().join(' | ')}`, () => world.facts.length >= count)
/** Resolves once the PBX has answered this request so many times. */
const asked = (world: PbxWorld, line: string, times = 1) =>
  world.until(line, () => world.pbx.requests.filter((one) => one === line).length >= times)

it('reports an inbound call as ringing, talking and ended, each once, with the caller’s number and not the trunk’s', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.pbx.modes.twice = true
  world.pbx.put(inbound({ id: 5120, dn: '201', callid: 880 }))
  await has(world, 1)
  await world.clock.advance(3_000)
  world.pbx.put(inbound({ id: 5120, dn: '201', callid: 880, status: 'Connected' }))
  await has(world, 2)
  world.pbx.put(inbound({ id: 5120, dn: '201', callid: 880, status: 'SomethingNew' }))
  await asked(world, 'GET /callcontrol/201/participants/5120 200', 3)
  const endedMs = world.clock.nowMs()
  world.pbx.take('201', 5120)
  await hungUp(world)
  await has(world, 3)
  expect(world.delivered()).toEqual([
    'ringing 201 inbound +41310000000',
    'talking 201 inbound +41310000000',
    'ended 201 inbound +41310000000',
  ])
  expect(new Set(world.facts.map(({ leg }) => leg)).size).toBe(1)
  expect(world.facts[2]!.atMs).toBe(endedMs) // the moment of the event, not the end of the grace
  expect(world.links).toEqual([{ at: 'away' }, { at: 'open', legs: [] }])
})

it('reports outbound and internal calls, and nothing of route points and queues', async () => {
  await using world = await aPbxWorld({ numbers: { 201: 'Wextension', 202: 'Wextension', 800: 'Wqueue' } })
  await world.open()
  world.pbx.put(inbound({ id: 1, dn: 'hubninja' }))
  world.pbx.put(inbound({ id: 2, dn: '800' }))
  world.pbx.put(outbound({ id: 3, dn: '201', party_caller_id: '0041310000001' }))
  await has(world, 1)
  world.pbx.put(internal({ id: 4, dn: '202', party_dn: '201', party_caller_id: '201', party_caller_name: 'Nadia' })) // prettier-ignore
  await has(world, 2)
  expect(world.delivered()).toEqual(['ringing 201 outbound 0041310000001', 'ringing 202 internal 201 Nadia'])
})

it('reports calls that began before the connection, and an end that came while the connection was cut', async () => {
  await using world = await aPbxWorld({
    before: (pbx) => pbx.put(inbound({ id: 7, dn: '201', status: 'Connected' })),
  })
  await has(world, 1)
  await world.until('the link', () => world.links.length === 2)
  expect(world.links[1]).toEqual({ at: 'open', legs: [world.facts[0]!.leg] })
  world.pbx.modes.socket = 503
  world.pbx.cut()
  await world.until('the cut', () => world.client.control.state().at === 'waiting')
  world.pbx.take('201', 7)
  world.pbx.put(inbound({ id: 8, dn: '202' }))
  world.pbx.modes.socket = undefined
  await world.clock.advance(1_000)
  await has(world, 3)
  expect(world.delivered()).toEqual([
    'talking 201 inbound +41310000000',
    'ended 201 inbound +41310000000',
    'ringing 202 inbound +41310000000',
  ])
  await world.until('the link', () => world.links.length === 4)
  expect(world.links.slice(2)).toEqual([{ at: 'away' }, { at: 'open', legs: [world.facts[2]!.leg] }])
})

it('reports by the list what no frame reported, within 45 s', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.pbx.modes.mute = true
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await world.clock.advance(45_000)
  await has(world, 1)
  world.pbx.take('201', 1)
  await asked(world, 'GET /callcontrol 200', 2)
  await world.clock.advance(45_000)
  await asked(world, 'GET /callcontrol 200', 3)
  await hungUp(world)
  await has(world, 2)
  expect(world.facts[1]!.state).toBe('ended')
})

it('ends the leg of a participant that the PBX answers with 404', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await has(world, 1)
  world.pbx.modes.mute = true
  world.pbx.take('201', 1)
  world.pbx.send('{"sequence":9,"event":{"event_type":0,"entity":"/callcontrol/201/participants/1","attached_data":null}}') // prettier-ignore
  await asked(world, 'GET /callcontrol/201/participants/1 404')
  await hungUp(world)
  await has(world, 2)
  expect(world.facts[1]!.state).toBe('ended')
})

it('reads the participant from the frame where the PBX embeds it, without a request', async () => {
  await using world = await aPbxWorld()
  await world.open()
  for (const embeds of ['plain', 'wrapped'] as const) {
    world.pbx.modes.embeds = embeds
    world.pbx.put(inbound({ id: embeds.length, dn: '201' }))
  }
  await has(world, 2)
  expect(world.pbx.requests.filter((one) => one.includes('participants'))).toEqual([])
})

it('keeps the leg of a call over a restart of the hub, and ends the leg that ended meanwhile', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.pbx.put(inbound({ id: 1, dn: '201', status: 'Connected' }))
  world.pbx.put(inbound({ id: 2, dn: '202' }))
  await has(world, 2)
  const legs = new Map(world.facts.map(({ extension, leg }) => [extension, leg]))
  await world.client.stop()
  await world.clock.advance(60_000)
  world.pbx.take('202', 2)
  await world.restart()
  await has(world, 4)
  const again = world.facts.slice(2)
  expect(again.find(({ extension }) => extension === '201')).toEqual(world.facts[0])
  expect(again.find(({ extension }) => extension === '202')).toMatchObject({ leg: legs.get('202'), state: 'ended' }) // prettier-ignore
})

it('gives another leg to a call that reuses the numbers of a call from before the PBX restarted', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.pbx.put(inbound({ id: 1, dn: '201', callid: 5 }))
  await has(world, 1)
  await world.client.stop()
  await world.clock.advance(60_000)
  world.pbx.put(inbound({ id: 1, dn: '201', callid: 5, party_caller_id: '+41319999999' }))
  await world.restart()
  await has(world, 3)
  expect(world.delivered().slice(1)).toEqual([
    'ended 201 inbound +41310000000',
    'ringing 201 inbound +41319999999',
  ])
  expect(world.facts[2]!.leg).not.toBe(world.facts[0]!.leg)
})

it('starts without legs when the file of legs is broken, and logs it', async () => {
  await using world = await aPbxWorld()
  await world.open()
  await writeFile(path.join(world.folder, 'pbx-legs.json'), '{"version":1,"legs":[{"leg":')
  await world.restart()
  await world.open()
  expect(world.log.some(({ event }) => event === 'threecx.legs-unreadable')).toBe(true)
})

it('keeps facts that the call board could not store, and reports them again in order', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.refuses = true
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await world.until('the refusal', () => world.log.some(({ event }) => event === 'threecx.fact-not-stored'))
  world.pbx.put(inbound({ id: 1, dn: '201', status: 'Connected' }))
  await asked(world, 'GET /callcontrol/201/participants/1 200', 2)
  world.refuses = false
  await world.clock.advance(45_000)
  await has(world, 2)
  expect(world.facts.map(({ state }) => state)).toEqual(['ringing', 'talking'])
})

it('replaces a token that another program replaced, and reports a shared token when it happens again', async () => {
  await using world = await aPbxWorld()
  await world.open()
  expect(world.pbx.tokensIssued()).toBe(1)
  world.pbx.replaceToken()
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await has(world, 1)
  expect(world.pbx.tokensIssued()).toBe(3)
  expect(world.client.access.isTokenShared()).toBe(false)
  for (const status of ['Connected', 'Ringing']) {
    world.pbx.replaceToken()
    world.pbx.put(inbound({ id: 1, dn: '201', status }))
    await has(world, status === 'Connected' ? 2 : 3)
  }
  expect(world.client.access.isTokenShared()).toBe(true)
  await world.clock.advance(11 * 60_000)
  expect(world.client.access.isTokenShared()).toBe(false)
})

it('requests one token at a time, and renews a token whose life is given in minutes before its end', async () => {
  await using world = await aPbxWorld({ before: (pbx) => (pbx.modes.reportsMinutes = true) })
  await world.open()
  await Promise.all([1, 2, 3].map(() => world.client.access.token()))
  expect(world.pbx.tokensIssued()).toBe(1)
  await world.clock.advance(58 * 60_000)
  expect(world.pbx.tokensIssued()).toBe(1)
  await world.clock.advance(2 * 60_000)
  await world.until('a new token', () => world.pbx.tokensIssued() === 2)
  expect(world.pbx.requests.filter((line) => line.endsWith('401'))).toEqual([])
})

it('reconnects when the PBX cuts the stream of a replaced token', async () => {
  await using world = await aPbxWorld({ before: (pbx) => (pbx.modes.cutsOnReplace = true) })
  await world.open()
  world.pbx.replaceToken()
  await world.until('the cut', () => world.client.control.state().at === 'waiting')
  await world.clock.advance(1_000)
  await world.until('the link', () => world.links.length === 4)
  expect(world.links.map(({ at }) => at)).toEqual(['away', 'open', 'away', 'open'])
})

it('closes the connection to a PBX that answers no ping for 15 s', async () => {
  await using world = await aPbxWorld()
  await world.open()
  await world.clock.advance(4_000)
  world.pbx.freeze()
  await world.clock.advance(11_500) // 15 s since the list, within the pause that follows
  await world.until('it is given up', () => world.log.some(({ event }) => event === 'threecx.away'))
  const last = world.log.find(({ event }) => event === 'threecx.away')!
  expect(last.fields).toMatchObject({
    code: 'cut',
    cause: 'the connection to the PBX was cut (silent for 15 s)',
  })
  expect(world.links.map(({ at }) => at)).toEqual(['away', 'open', 'away'])
})

it('requests the list instead of a hundred participants one by one', async () => {
  const numbers = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [String(300 + i), 'Wextension']))
  await using world = await aPbxWorld({ numbers })
  await world.open()
  for (const dn of Object.keys(numbers)) world.pbx.put(inbound({ id: Number(dn), dn }))
  await has(world, 4)
  await world.passing(100, () => world.facts.length >= 100)
  expect(world.pbx.requests.filter((one) => one.includes('participants')).length).toBeLessThanOrEqual(50)
})

it('requests the list when an event names an extension that was added to the API client just now', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.pbx.numbers.set('203', 'Wextension')
  world.pbx.put(inbound({ id: 1, dn: '203' }))
  await world.passing(100, () => world.facts.length >= 1)
  expect(world.client.control.state()).toMatchObject({ extensions: ['201', '202', '203'] })
})

it('stops while connecting, waiting or listening, safe twice, and leaves no timer and no socket', async () => {
  for (const socket of [undefined, 'silent', 503] as const) {
    await using world = await aPbxWorld({ before: (pbx) => (pbx.modes.socket = socket) })
    await world.until('it is under way', () =>
      socket === undefined
        ? world.client.control.state().at === 'open'
        : socket === 503
          ? world.client.control.state().at === 'waiting'
          : world.pbx.tokensIssued() === 1,
    )
    await Promise.all([world.client.stop(), world.client.stop()])
    expect(world.client.control.state()).toEqual({ at: 'stopped' })
    expect(world.clock.pending).toBe(0)
    await world.until('no socket is left', () => world.pbx.sockets() === 0)
  }
})

it('keeps the legs of ongoing calls, and no others, in a file that outlives the hub', async () => {
  await using world = await aPbxWorld()
  await world.open()
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await has(world, 1)
  const read = async () => JSON.parse(await readFile(path.join(world.folder, 'pbx-legs.json'), 'utf8')) as { legs: object[] } // prettier-ignore
  expect((await read()).legs).toMatchObject([{ leg: world.facts[0]!.leg, extension: '201' }])
  world.pbx.take('201', 1)
  await hungUp(world)
  await has(world, 2)
  await world.client.stop()
  expect((await read()).legs).toEqual([])
})

it('reports calls while the disk refuses the file of legs, logs it once, and saves the legs once there is room', async () => {
  await using world = await aPbxWorld()
  await world.open()
  const inTheWay = path.join(world.folder, 'pbx-legs.json.new')
  await mkdir(inTheWay)
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await has(world, 1)
  world.pbx.put(inbound({ id: 1, dn: '201', status: 'Connected' }))
  await has(world, 2)
  expect(world.log.filter(({ event }) => event === 'threecx.legs-not-saved')).toHaveLength(1)
  await rmdir(inTheWay)
  world.pbx.put(inbound({ id: 2, dn: '202' }))
  await has(world, 3)
  await world.restart()
  await has(world, 5)
  expect(new Set(world.facts.map(({ leg }) => leg)).size).toBe(2)
})
