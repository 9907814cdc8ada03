import { describe, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { Channel } from '@3cx-ninja/protocol'
import type { ChannelDevice, ChannelFeed } from '../../src/main/capture/sources/channelFeed.ts'
import { createChromiumSound } from '../../src/main/capture/sources/chromiumSound.ts'
import { createJoinedSource } from '../../src/main/capture/joining/joinedSource.ts'
import { startChromium } from '../../testing/capture/chromiumPage.ts'
import { createHearing, envelopeMatch, isIntact, untilIntact } from '../../testing/capture/hearing.ts'
import { aSpokenCall, startPulseServer } from '../../testing/pulse/pulseServer.ts'
import { aFolder, aWav } from '../../testing/sounds.ts'

const silentFeed: ChannelFeed = { start: () => ({ stop: () => Promise.resolve() }) }

async function hear(
  chrome: Awaited<ReturnType<typeof startChromium>>,
  {
    deviceId = () => undefined,
    caller = silentFeed,
  }: { deviceId?: () => string | undefined; caller?: ChannelFeed } = {},
) {
  const hearing = createHearing()
  const troubles: string[] = []
  const notes: string[] = []
  let devices: Partial<Record<Channel, ChannelDevice>> = {}
  const sound = createChromiumSound({
    page: chrome.page,
    clock: systemClock,
    onNote: (note) => notes.push(note),
  })
  const source = createJoinedSource({
    name: 'chromium',
    feeds: { agent: sound.microphone(deviceId), caller },
    clock: systemClock,
    onUserError: (_channel, { message }) => {
      troubles.push(message)
      hearing.changed()
    },
    onDevices: (next) => {
      devices = next
      hearing.changed()
    },
  })
  const capture = source.start(hearing.listener)
  return {
    hearing,
    troubles,
    notes,
    device: () => devices.agent,
    [Symbol.asyncDispose]: () => capture.stop(),
  }
}

/** Loud, so that its place is found in what a fake microphone repeats. */
const speech = async () => {
  const { agent } = await aSpokenCall()
  const from = agent.findIndex((sample) => Math.abs(sample) > 2_000)
  return agent.slice(from, from + 4 * 16_000)
}

describe.concurrent('the microphone through a real Chromium', () => {
  it('brings the words of a clip intact, in blocks of one clock', async ({ expect }) => {
    await using folder = await aFolder()
    const words = await speech()
    const quiet = new Int16Array(16_000)
    const clip = Int16Array.from([...quiet, ...words])
    const file = await folder.file('mic.wav', aWav({ agent: clip, caller: clip }))
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${file}`],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    await using recording = await hear(chrome)
    const { hearing } = recording
    const matches = await untilIntact({
      play: async () => undefined, // the fake microphone repeats the clip
      more: () => hearing.more(2),
      match: () => [envelopeMatch(hearing.sound().agent, words)],
    })
    console.log('chromium: match', matches, recording.notes)
    expect(matches.filter(isIntact)).toEqual(matches)
    expect(recording.device()?.origin).toBe('microphone')
    expect(recording.troubles).toEqual([])
    const steps = hearing.blocks.map(({ firstSample }) => firstSample)
    expect(steps).toEqual(steps.map((_, index) => steps[0]! + index * 1_600))
  })

  it('takes the chosen microphone of several, and the default one with a word when it is not there', async ({
    expect,
  }) => {
    await using pulse = await startPulseServer()
    await pulse.plug('usb', 'UsbHeadset')
    await using chrome = await startChromium({ args: [], environment: pulse.environment })
    let chosen: string | undefined = 'no-such-device'
    await using recording = await hear(chrome, { deviceId: () => chosen })
    const { hearing, troubles, device } = recording
    await hearing.until('the stand-in', () => device() !== undefined && troubles.length > 0)
    expect(troubles[0]).toMatch(/The chosen microphone is not there.*plug it in, or choose another/)
    chosen = await chrome.current()!.evaluate(async () => {
      const all = await navigator.mediaDevices.enumerateDevices()
      return all.find(({ label }) => label === 'UsbHeadset')?.deviceId
    })
    await chrome.crash()
    await hearing.until('the crash', () => device() === undefined)
    await hearing.until('the chosen one in a new page', () => device()?.label === 'UsbHeadset')
    await hearing.more(0.5)
  })

  it('opens the microphone anew when another one becomes the default', async ({ expect }) => {
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream'],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    await using recording = await hear(chrome)
    const { hearing, troubles } = recording
    await hearing.until('the first', () => hearing.seconds() > 0.3)
    const opened = hearing.changes.length
    // As Windows and macOS tell it; Chromium on Linux names no default (its list stays the same, tried with PulseAudio).
    await chrome.current()!.evaluate(() => {
      const real = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices)
      navigator.mediaDevices.enumerateDevices = async () => [
        {
          kind: 'audioinput',
          deviceId: 'default',
          groupId: 'b',
          label: 'Default - Headset',
          toJSON: () => ({}),
        },
        ...(await real()).filter(({ deviceId }) => deviceId !== 'default'),
      ]
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
    })
    await hearing.until('the new opening', () => hearing.changes.length > opened)
    await hearing.more(0.3)
    expect(hearing.changes).toHaveLength(opened + 1)
    expect(troubles).toEqual([])
  })

  it('goes on in a new page after a crash, and nothing is left open after stop', async ({ expect }) => {
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream'],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    {
      await using recording = await hear(chrome)
      const { hearing, troubles } = recording
      await hearing.until('sound', () => hearing.seconds() > 0.5)
      await chrome.crash()
      await hearing.until('the trouble', () => troubles.length > 0)
      expect(troubles[0]).toMatch(/hidden page of the recorder ended.*starts again by itself/)
      await hearing.until('the microphone again', () => recording.device() !== undefined)
      await hearing.more(0.5)
    }
    expect(chrome.browser.contexts().flatMap((context) => context.pages())).toEqual([])
  })

  it('hears both sides through one page where nothing better exists, and names the caller as system loopback', async ({
    expect,
  }) => {
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream'],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    const hearing = createHearing()
    let devices: Partial<Record<Channel, ChannelDevice>> = {}
    const sound = createChromiumSound({ page: chrome.page, clock: systemClock, onNote: () => undefined })
    const capture = createJoinedSource({
      name: 'macos',
      feeds: { agent: sound.microphone(() => undefined), caller: sound.loopback() },
      clock: systemClock,
      onUserError: () => undefined,
      onDevices: (next) => {
        devices = next
        hearing.changed()
      },
    }).start(hearing.listener)
    const isLoud = (samples: Int16Array) => samples.some((sample) => Math.abs(sample) > 1_000)
    await hearing.until('both sides', () => hearing.blocks.some(({ caller }) => isLoud(caller)))
    await hearing.until('the microphone', () => hearing.blocks.some(({ agent }) => isLoud(agent)))
    expect([devices.agent?.origin, devices.caller?.origin]).toEqual(['microphone', 'system-loopback'])
    expect(chrome.browser.contexts().flatMap((context) => context.pages())).toHaveLength(1)
    await capture.stop()
  })

  it('says what to do when there is no microphone', async ({ expect }) => {
    await using chrome = await startChromium({
      args: [],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    await using recording = await hear(chrome)
    await recording.hearing.until('the trouble', () => recording.troubles.length > 0)
    expect(recording.troubles[0]).toMatch(
      /^The microphone is not heard: .*(Plug a headset in|plug it in again)/,
    )
  })
})
