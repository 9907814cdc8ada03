import { describe, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { Channel } from '@3cx-ninja/protocol'
import type { ChannelDevice } from '../../src/main/capture/sources/channelFeed.ts'
import type { DeviceChoice } from '../../src/main/capture/sources/pulse/chooseDevices.ts'
import { pulseTuning } from '../../src/main/capture/sources/pulse/pulseFeed.ts'
import { createPulseSource } from '../../src/main/capture/sources/pulse/pulseSource.ts'
import { aSpokenCall, startPulseServer, type PulseServer } from '../../testing/pulse/pulseServer.ts'
import {
  createReceivedSound,
  envelopeMatch,
  isIntact,
  untilIntact,
} from '../../testing/capture/receivedSound.ts'

const FOLLOW: DeviceChoice = { kind: 'follow' }

/** Returns three seconds of the clip from the first word on. */
function speechOf(side: Int16Array): Int16Array {
  const from = side.findIndex((sample) => Math.abs(sample) > 2_000)
  return side.slice(from, from + 48_000)
}

/** Longer than a busy machine delays a recorder: only the test of a recorder that hangs may see a stall. */
const NO_STALL_MS = 60_000

/** Returns a private sound server with our source on it. */
async function aRecording(
  prepare: (pulse: PulseServer) => Promise<unknown> = async () => undefined,
  choices: Partial<Record<Channel, DeviceChoice>> = {},
  stallMs = NO_STALL_MS,
) {
  const pulse = await startPulseServer()
  await prepare(pulse)
  const received = createReceivedSound()
  const userErrors: string[] = []
  let devices: Partial<Record<Channel, ChannelDevice>> = {}
  const source = createPulseSource({
    choices: () => ({ agent: FOLLOW, caller: FOLLOW, ...choices }),
    clock: systemClock,
    environment: pulse.environment,
    tuning: { ...pulseTuning, stallMs },
    onUserError: (_channel, userError) => {
      userErrors.push(userError.message)
      received.changed()
    },
    onDevices: (next) => {
      devices = next
      received.changed()
    },
  })
  const capture = source.start(received.listener)
  return {
    pulse,
    received,
    userErrors,
    device: (channel: Channel) => devices[channel]?.label,
    devicesOf: (channel: Channel) =>
      received.changes.filter((change) => change.channel === channel).map(({ label }) => label),
    async [Symbol.asyncDispose]() {
      await capture.stop()
      await pulse[Symbol.asyncDispose]()
    },
  }
}

describe.concurrent('capture through a real PulseAudio', () => {
  it('PulseAudio records microphone and telephone into their own channels, and both arrive intact', async ({
    expect,
  }) => {
    const call = await aSpokenCall()
    const sides = { agent: speechOf(call.agent), caller: speechOf(call.caller) }
    await using recording = await aRecording()
    const { pulse, received, device, userErrors } = recording
    await received.until('both channels', () => received.seconds() > 0.5)
    expect([device('agent'), device('caller')]).toEqual(['VirtualMic', 'Monitor of Speaker'])
    let from = 0
    let sound = received.sound()
    const matches = await untilIntact({
      async play() {
        from = received.endSample()
        await Promise.all([pulse.play('micfeed', sides.agent), pulse.play('speaker', sides.caller)])
      },
      more: () => received.more(0.5),
      match() {
        sound = received.sound(from)
        return [envelopeMatch(sound.agent, sides.agent), envelopeMatch(sound.caller, sides.caller)]
      },
    })
    console.log('pulse: match', matches)
    expect(matches.filter(isIntact)).toEqual(matches)
    expect(envelopeMatch(sound.agent, sides.caller).correlation).toBeLessThan(0.8) // short speech is somewhat like any other
    expect(userErrors).toEqual([])
  })

  it('PulseAudio records one sound in both channels at the same moment', async ({ expect }) => {
    await using recording = await aRecording(
      (server) =>
        server.pactl(
          'load-module',
          'module-remap-source',
          'master=speaker.monitor',
          'source_name=ear',
          'source_properties=device.description=Ear',
        ),
      { agent: { kind: 'device', name: 'ear' } },
    )
    const { pulse, received } = recording
    await received.until('both channels', () => received.seconds() > 0.5)
    const speech = speechOf((await aSpokenCall()).agent)
    let from = 0
    const matches = await untilIntact({
      async play() {
        from = received.endSample()
        await pulse.play('speaker', speech)
      },
      more: () => received.more(0.5),
      match() {
        const sound = received.sound(from)
        return [envelopeMatch(sound.agent, speech), envelopeMatch(sound.caller, speech)]
      },
    })
    expect(matches.filter(isIntact)).toEqual(matches)
    // the remapped source is one piece of 50 ms behind its master
    expect(Math.abs(matches[0]!.offsetMs - matches[1]!.offsetMs)).toBeLessThanOrEqual(70)
  })

  it('PulseAudio follows the default microphone when it is unplugged, reports the new device, and goes on recording', async ({
    expect,
  }) => {
    let usb: { unplug(): Promise<void> } | undefined
    await using recording = await aRecording(async (pulse) => {
      usb = await pulse.plug('usb', 'UsbHeadset')
      await pulse.pactl('set-default-source', 'usb')
    })
    const { received, device, devicesOf } = recording
    await received.until('the headset', () => device('agent') === 'UsbHeadset' && received.seconds() > 0.3)
    await usb?.unplug()
    await received.until('the other microphone', () => device('agent') === 'VirtualMic')
    await received.more(0.3)
    expect(devicesOf('agent')).toEqual(['UsbHeadset', 'VirtualMic'])
  })

  it('PulseAudio never records the microphone as the caller when the output goes, as the server by itself would', async ({
    expect,
  }) => {
    await using recording = await aRecording(async (server) => {
      await server.pactl(
        'load-module',
        'module-null-sink',
        'sink_name=headset',
        'sink_properties=device.description=Headset',
      )
      await server.pactl('set-default-sink', 'headset')
    })
    const { pulse, received, device, devicesOf } = recording
    await received.until(
      'the headset',
      () => device('caller') === 'Monitor of Headset' && received.seconds() > 0.3,
    )
    await pulse.unload('sink_name=headset')
    await received.until('the speaker', () => device('caller') === 'Monitor of Speaker')
    expect(devicesOf('caller')).toEqual(['Monitor of Headset', 'Monitor of Speaker'])
    const [stream] = (await pulse.recordings()).filter(({ source }) => source === 'speaker.monitor')
    expect(stream?.application).toBe('3CX-Ninja Realtime')
  })

  it('PulseAudio follows a default changed in mid-call, and a stream moved by hand', async ({ expect }) => {
    await using recording = await aRecording((server) => server.plug('usb', 'UsbHeadset'))
    const { pulse, received, device, devicesOf } = recording
    await received.until(
      'the first microphone',
      () => device('agent') === 'VirtualMic' && received.seconds() > 0.3,
    )
    await pulse.pactl('set-default-source', 'usb')
    await received.until('the new default', () => device('agent') === 'UsbHeadset')
    const ours = await pulse.untilRecording('usb')
    await pulse.pactl('move-source-output', String(ours.index), 'virtmic')
    await received.until('the moved stream', () => device('agent') === 'VirtualMic')
    expect(devicesOf('agent')).toEqual(['VirtualMic', 'UsbHeadset', 'VirtualMic'])
  })

  it('PulseAudio records from the devices that the telephone uses, not from the default ones, and stays there when it hangs up', async ({
    expect,
  }) => {
    await using recording = await aRecording((server) => server.plug('usb', 'UsbHeadset'))
    const { pulse, received, device, devicesOf } = recording
    await received.until('the default', () => device('agent') === 'VirtualMic')
    const telephone = await pulse.startTelephone({ source: 'usb' })
    await received.until("the telephone's microphone", () => device('agent') === 'UsbHeadset')
    await telephone.hangUp()
    await pulse.untilRecording('usb', '3CX', 0)
    await received.more(0.3)
    expect(devicesOf('agent')).toEqual(['VirtualMic', 'UsbHeadset'])
  })

  it('PulseAudio opens a recorder again that hangs, and the other channel goes on meanwhile', async ({
    expect,
  }) => {
    await using recording = await aRecording(undefined, {}, 3_000)
    const { pulse, received, device, userErrors } = recording
    await received.until('both channels', () => received.seconds() > 0.3)
    const { pid } = await pulse.untilRecording('virtmic')
    process.kill(pid, 'SIGSTOP')
    const stalled =
      "No sound from 'VirtualMic' any more (nothing comes): check the device in the sound settings."
    await received.until('the user error', () => userErrors.includes(stalled))
    await received.until('the microphone again', () => device('agent') === 'VirtualMic')
    await received.more(0.5)
    expect((await pulse.recordings()).filter(({ source }) => source === 'virtmic')).toHaveLength(1)
    const steps = received.blocks.map(({ firstSample }) => firstSample)
    expect(steps).toEqual(steps.map((_, index) => steps[0]! + index * 1_600))
  })

  it('PulseAudio records the chosen microphone, a substitute with a remedy while it is away, and the chosen one once it is back', async ({
    expect,
  }) => {
    await using recording = await aRecording(undefined, { agent: { kind: 'device', name: 'usb' } })
    const { pulse, received, device, userErrors } = recording
    await received.until('the stand-in', () => device('agent') === 'VirtualMic' && userErrors.length > 0)
    expect(userErrors).toEqual([
      "The chosen device 'usb' is not there, 'VirtualMic' is used: plug it in, or choose another one.",
    ])
    await pulse.plug('usb', 'UsbHeadset')
    await received.until('the chosen one', () => device('agent') === 'UsbHeadset')
  })

  it('PulseAudio that ends is reported with its remedy, and both channels are marked as not recorded', async ({
    expect,
  }) => {
    await using recording = await aRecording()
    const { pulse, received, device, userErrors } = recording
    await received.until('sound', () => received.seconds() > 0.3)
    await pulse.kill()
    await received.until('the user error', () =>
      userErrors.some((text) => text.includes('start PulseAudio or PipeWire')),
    )
    expect([device('agent'), device('caller')]).toEqual([undefined, undefined])
  })
})
