import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { Channel, Clock } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { ChannelDevice } from '../../src/main/capture/sources/channelFeed.ts'
import { chooseSource, type ChooseSourceNeeds } from '../../src/main/capture/sources/chooseSource.ts'
import { createFakeSoundPage } from '../../testing/capture/fakeSoundPage.ts'
import { createReceivedSound } from '../../testing/capture/receivedSound.ts'

const FAKE_HELPER = path.resolve(import.meta.dirname, '../../testing/capture/fakeHelper.ts')

function choose(clock: Clock, platform: NodeJS.Platform, more: Partial<ChooseSourceNeeds> = {}) {
  const fake = createFakeSoundPage(clock)
  const received = createReceivedSound()
  const userErrors: string[] = []
  const notes: string[] = []
  let devices: Partial<Record<Channel, ChannelDevice>> = {}
  let microphone = ''
  const chosen = chooseSource({
    platform,
    deviceSettings: () => ({ microphone, loudspeaker: '' }),
    clock,
    environment: process.env,
    page: fake.page,
    ownPid: process.pid,
    onUserError: (_channel, { message }) => {
      userErrors.push(message)
      received.changed()
    },
    onDevices: (next) => {
      devices = next
      received.changed()
    },
    onNote: (note) => notes.push(note),
    ...more,
  })
  return {
    fake,
    received,
    userErrors,
    notes,
    chosen,
    devices: () => devices,
    choose: (name: string) => (microphone = name),
    start: () => chosen.source.start(received.listener),
  }
}

const loudness = (samples: Int16Array) => Math.max(...samples.map(Math.abs))

describe('where the sound of a call comes from', () => {
  it('Windows records the microphone by Chromium and the caller by the helper, on one clock', async () => {
    const pc = choose(systemClock, 'win32', {
      helper: { command: process.execPath, args: [FAKE_HELPER, 'well'] },
    })
    const capture = pc.start()
    await pc.received.until('both channels', () =>
      pc.received.blocks.some((block) => loudness(block.agent) > 7_000 && loudness(block.caller) > 7_000),
    )
    await capture.stop()
    expect(pc.chosen.source.name).toBe('windows')
    expect(pc.devices()).toEqual({
      agent: { origin: 'microphone', label: 'Microphone default' },
      caller: { origin: '3cx-client', label: 'fake client' },
    })
    expect(pc.userErrors).toEqual([])
  })

  it('Windows asks the helper for the telephone programs of the settings as they are when the call begins', async () => {
    let programs = ['3CXDesktopApp.exe']
    const says = `process.stderr.write(JSON.stringify({ kind: 'opened', label: process.argv.slice(1).join(' ') }) + '\\n'); process.stdin.on('end', () => process.exit(0)).resume()`
    const pc = choose(systemClock, 'win32', {
      helper: { command: process.execPath, args: ['-e', says, '--'] },
      programs: () => programs,
    })
    for (const now of [['3CXDesktopApp.exe'], ['chrome.exe', '3CXDesktopApp.exe']]) {
      programs = now
      const capture = pc.start()
      const label = `--target client --images ${now.join(',')}`
      await pc.received.until('its words', () => pc.devices().caller?.label === label)
      await capture.stop()
    }
  })

  it('Windows records all that the PC plays where the helper may not run, named so, with the remedy', async () => {
    const pc = choose(systemClock, 'win32', { helper: { command: '/no/such/helper.exe' } })
    const capture = pc.start()
    await pc.received.until('the caller by Chromium', () => pc.devices().caller !== undefined)
    await capture.stop()
    expect(pc.devices().caller).toEqual({ origin: 'system-loopback', label: 'System audio' })
    expect(pc.userErrors.join('\n')).toMatch(/capture helper does not work.*allow the helper to run/)
  })

  it('macOS records both channels by Chromium, through one page', async () => {
    const clock = createFakeClock()
    const pc = choose(clock, 'darwin')
    const capture = pc.start()
    await clock.advance(2_000)
    expect(pc.fake.opened()).toBe(1)
    expect(pc.devices()).toMatchObject({
      agent: { origin: 'microphone' },
      caller: { origin: 'system-loopback' },
    })
    expect(loudness(pc.received.blocks.at(-1)!.caller)).toBeGreaterThan(7_000)
    await capture.stop()
    expect(clock.pending).toBe(0)
  })

  it('a PC without a supported audio source is refused with the reason', () => {
    expect(() => choose(systemClock, 'aix')).toThrow(/use Windows, macOS or Linux/)
    expect(() =>
      chooseSource({
        platform: 'win32',
        deviceSettings: () => ({ microphone: '', loudspeaker: '' }),
        clock: systemClock,
        environment: {},
        ownPid: 1,
        onUserError: () => undefined,
        onNote: () => undefined,
      }),
    ).toThrow(/desktop application/)
  })
})

describe('the microphone by Chromium', () => {
  const start = () => {
    const clock = createFakeClock()
    const pc = choose(clock, 'darwin')
    const capture = pc.start()
    return { ...pc, clock, capture }
  }

  it.each([
    ['NotAllowedError', /privacy settings/],
    ['NotFoundError', /Plug a headset in/],
    ['NotReadableError', /Close programs that hold it/],
    ['ended', /was unplugged.*choose another one/],
    ['SomethingNew', /not heard: why/],
  ])(
    'a microphone refused as %s is reported with its remedy, and tried again until it opens',
    async (reason, remedy) => {
      const { clock, fake, userErrors, devices, capture } = start()
      fake.refuseWith((request) =>
        request.kind === 'open' && request.what === 'microphone' ? { reason, detail: 'why' } : undefined,
      )
      await clock.advance(100)
      expect(userErrors).toHaveLength(1)
      expect(userErrors[0]).toMatch(remedy)
      await clock.advance(20_000)
      expect(userErrors).toHaveLength(1) // a repeated refusal is not reported again
      fake.refuseWith(undefined)
      await clock.advance(6_000)
      expect(devices().agent?.label).toBe('Microphone default')
      await capture.stop()
    },
  )

  it('a device that hangs is opened again; blocks of the old opening are not recorded twice', async () => {
    const { clock, fake, userErrors, received, capture } = start()
    await clock.advance(1_000)
    fake.silence(true)
    await clock.advance(2_500)
    expect(userErrors.some((text) => text.includes('gives no sound any more'))).toBe(true)
    const runs = fake.requests.flatMap((request) =>
      request.kind === 'open' && request.what === 'microphone' ? [request.run] : [],
    )
    expect(runs).toEqual([1, 2])
    fake.silence(false)
    const before = received.blocks.length
    fake.send({
      kind: 'block',
      channel: 'agent',
      run: 1,
      firstFrame: 0,
      samples: new Int16Array(16_000).fill(99),
    })
    await clock.advance(6_000)
    expect(received.blocks.length).toBeGreaterThan(before)
    expect(received.blocks.some(({ agent }) => agent.includes(99))).toBe(false)
    await capture.stop()
  })

  it('a changed default microphone is opened at once, and a newly chosen one after the choice', async () => {
    const { clock, fake, userErrors, devices, choose, capture } = start()
    await clock.advance(1_000)
    choose('jabra')
    fake.send({ kind: 'lost', channel: 'agent', run: 1, reason: 'default-changed', detail: 'Jabra' })
    await clock.advance(0)
    expect(devices().agent?.label).toBe('Microphone jabra')
    expect(userErrors).toEqual([])
    await capture.stop()
  })

  it('invalid messages of a broken page are dropped and logged', async () => {
    const { clock, fake, notes, received, capture } = start()
    await clock.advance(1_000)
    const before = received.blocks.length
    for (const message of [
      undefined,
      'x',
      { kind: 'block' },
      { kind: 'block', channel: 'agent', run: 1, firstFrame: -1, samples: [] },
    ])
      fake.send(message)
    expect(notes.filter((note) => note.includes('unexpected'))).toHaveLength(4)
    expect(received.blocks.length).toBe(before)
    await capture.stop()
  })

  it('a crashed page is loaded again', async () => {
    const { clock, fake, userErrors, devices, capture } = start()
    await clock.advance(1_000)
    fake.crash('killed')
    expect(userErrors[0]).toMatch(/hidden page of the recorder ended \(killed\)/)
    expect(devices()).toEqual({})
    await clock.advance(1_500)
    expect(fake.opened()).toBe(2)
    expect(devices().agent?.label).toBe('Microphone default')
    await capture.stop()
    expect(clock.pending).toBe(0)
  })

  it('the microphones are listed during a call and without one', async () => {
    const clock = createFakeClock()
    const { chosen, fake, start: begin } = choose(clock, 'darwin')
    const early = chosen.chromium!.microphones()
    await clock.advance(100)
    expect(await early).toEqual([{ id: 'one', label: 'One' }])
    const capture = begin()
    await clock.advance(1_000)
    expect(await chosen.chromium!.microphones()).toEqual([{ id: 'one', label: 'One' }])
    expect(fake.opened()).toBe(2)
    await capture.stop()
  })
})
