import { describe, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { Channel } from '@3cx-ninja/protocol'
import type { ChannelDevice, ChannelFeed } from '../../src/main/capture/sources/channelFeed.ts'
import { createChromiumSound } from '../../src/main/capture/sources/chromiumSound.ts'
import { createJoinedSource } from '../../src/main/capture/joining/joinedSource.ts'
import { startChromium } from '../../testing/capture/chromiumPage.ts'
import {
  createReceivedSound,
  envelopeMatch,
  isIntact,
  untilIntact,
} from '../../testing/capture/receivedSound.ts'
import { aSpokenCall, startPulseServer } from '../../testing/pulse/pulseServer.ts'
import { aFolder, aWav } from '../../testing/sounds.ts'

const silentFeed: ChannelFeed = { start: () => ({ stop: () => Promise.resolve() }) }

async function record(
  chrome: Awaited<ReturnType<typeof startChromium>>,
  {
    deviceId = () => undefined,
    caller = silentFeed,
  }: { deviceId?: () => string | undefined; caller?: ChannelFeed } = {},
) {
  const received = createReceivedSound()
  const userErrors: string[] = []
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
      userErrors.push(message)
      received.changed()
    },
    onDevices: (next) => {
      devices = next
      received.changed()
    },
  })
  const capture = source.start(received.listener)
  return {
    received,
    userErrors,
    notes,
    device: () => devices.agent,
    [Symbol.asyncDispose]: () => capture.stop(),
  }
}

/** A loud beginning, so that the test finds its position in the clip that a fake microphone repeats. */
const speech = async () => {
  const { agent } = await aSpokenCall()
  const from = agent.findIndex((sample) => Math.abs(sample) > 2_000)
  return agent.slice(from, from + 4 * 16_000)
}

describe.concurrent('the microphone through a real Chromium', () => {
  it('Chromium delivers the words of a clip intact, in blocks of one clock', async ({ expect }) => {
    await using folder = await aFolder()
    const words = await speech()
    const quiet = new Int16Array(16_000)
    const clip = Int16Array.from([...quiet, ...words])
    const file = await folder.file('mic.wav', aWav({ agent: clip, caller: clip }))
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${file}`],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    await using recording = await record(chrome)
    const { received } = recording
    const matches = await untilIntact({
      play: async () => undefined, // the fake microphone repeats the clip
      more: () => received.more(2),
      match: () => [envelopeMatch(received.sound().agent, words)],
    })
    console.log('chromium: match', matches, recording.notes)
    expect(matches.filter(isIntact)).toEqual(matches)
    expect(recording.device()?.origin).toBe('microphone')
    expect(recording.userErrors).toEqual([])
    const steps = received.blocks.map(({ firstSample }) => firstSample)
    expect(steps).toEqual(steps.map((_, index) => steps[0]! + index * 1_600))
  })

  it('Chromium opens the chosen microphone of several, and the default one with a notice when the chosen one is missing', async ({
    expect,
  }) => {
    await using pulse = await startPulseServer()
    await pulse.plug('usb', 'UsbHeadset')
    await using chrome = await startChromium({ args: [], environment: pulse.environment })
    let chosen: string | undefined = 'no-such-device'
    await using recording = await record(chrome, { deviceId: () => chosen })
    const { received, userErrors, device } = recording
    await received.until('the stand-in', () => device() !== undefined && userErrors.length > 0)
    expect(userErrors[0]).toMatch(/The chosen microphone is not there.*plug it in, or choose another/)
    chosen = await chrome.current()!.evaluate(async () => {
      const all = await navigator.mediaDevices.enumerateDevices()
      return all.find(({ label }) => label === 'UsbHeadset')?.deviceId
    })
    await chrome.crash()
    await received.until('the crash', () => device() === undefined)
    await received.until('the chosen one in a new page', () => device()?.label === 'UsbHeadset')
    await received.more(0.5)
  })

  it('Chromium opens the microphone again when another one becomes the default', async ({ expect }) => {
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream'],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    await using recording = await record(chrome)
    const { received, userErrors } = recording
    await received.until('the first', () => received.seconds() > 0.3)
    const opened = received.changes.length
    // Windows and macOS report the default so; Chromium on Linux names no default (its list stays the same, tried with PulseAudio).
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
    await received.until('the new opening', () => received.changes.length > opened)
    await received.more(0.3)
    expect(received.changes).toHaveLength(opened + 1)
    expect(userErrors).toEqual([])
  })

  it('Chromium goes on in a new page after a crash, and leaves nothing open after stop', async ({
    expect,
  }) => {
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream'],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    {
      await using recording = await record(chrome)
      const { received, userErrors } = recording
      await received.until('sound', () => received.seconds() > 0.5)
      await chrome.crash()
      await received.until('the user error', () => userErrors.length > 0)
      expect(userErrors[0]).toMatch(/hidden page of the recorder ended.*starts again by itself/)
      await received.until('the microphone again', () => recording.device() !== undefined)
      await received.more(0.5)
    }
    expect(chrome.browser.contexts().flatMap((context) => context.pages())).toEqual([])
  })

  it('Chromium records both sides through one page where nothing better exists, and names the caller as system loopback', async ({
    expect,
  }) => {
    await using chrome = await startChromium({
      args: ['--use-fake-device-for-media-stream'],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    const received = createReceivedSound()
    let devices: Partial<Record<Channel, ChannelDevice>> = {}
    const sound = createChromiumSound({ page: chrome.page, clock: systemClock, onNote: () => undefined })
    const capture = createJoinedSource({
      name: 'macos',
      feeds: { agent: sound.microphone(() => undefined), caller: sound.loopback() },
      clock: systemClock,
      onUserError: () => undefined,
      onDevices: (next) => {
        devices = next
        received.changed()
      },
    }).start(received.listener)
    const isLoud = (samples: Int16Array) => samples.some((sample) => Math.abs(sample) > 1_000)
    await received.until('both sides', () => received.blocks.some(({ caller }) => isLoud(caller)))
    await received.until('the microphone', () => received.blocks.some(({ agent }) => isLoud(agent)))
    expect([devices.agent?.origin, devices.caller?.origin]).toEqual(['microphone', 'system-loopback'])
    expect(chrome.browser.contexts().flatMap((context) => context.pages())).toHaveLength(1)
    await capture.stop()
  })

  it('Chromium names the remedy when there is no microphone', async ({ expect }) => {
    await using chrome = await startChromium({
      args: [],
      environment: { ...process.env, PULSE_SERVER: 'unix:/nonexistent' },
    })
    await using recording = await record(chrome)
    await recording.received.until('the user error', () => recording.userErrors.length > 0)
    expect(recording.userErrors[0]).toMatch(
      /^The microphone is not heard: .*(Plug a headset in|plug it in again)/,
    )
  })
})
