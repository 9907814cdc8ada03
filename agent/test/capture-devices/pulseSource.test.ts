import { describe, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { Channel } from '@3cx-ninja/protocol'
import type { ChannelDevice } from '../../src/main/capture/sources/channelFeed.ts'
import type { DeviceChoice } from '../../src/main/capture/sources/pulse/chooseDevices.ts'
import { pulseTuning } from '../../src/main/capture/sources/pulse/pulseFeed.ts'
import { createPulseSource } from '../../src/main/capture/sources/pulse/pulseSource.ts'
import { aSpokenCall, startPulseServer, type PulseServer } from '../../testing/pulse/pulseServer.ts'
import { createHearing, envelopeMatch, isIntact, untilIntact } from '../../testing/capture/hearing.ts'

const FOLLOW: DeviceChoice = { kind: 'follow' }

/** Three seconds from the first word on. */
function speechOf(side: Int16Array): Int16Array {
  const from = side.findIndex((sample) => Math.abs(sample) > 2_000)
  return side.slice(from, from + 48_000)
}

/** Longer than a busy machine holds a recorder up: only the test of a recorder that hangs shall see a stall. */
const NO_STALL_MS = 60_000

/** A private sound server and our source on it. */
async function aRecording(
  prepare: (pulse: PulseServer) => Promise<unknown> = async () => undefined,
  choices: Partial<Record<Channel, DeviceChoice>> = {},
  stallMs = NO_STALL_MS,
) {
  const pulse = await startPulseServer()
  await prepare(pulse)
  const hearing = createHearing()
  const troubles: string[] = []
  let devices: Partial<Record<Channel, ChannelDevice>> = {}
  const source = createPulseSource({
    choices: () => ({ agent: FOLLOW, caller: FOLLOW, ...choices }),
    clock: systemClock,
    environment: pulse.environment,
    tuning: { ...pulseTuning, stallMs },
    onUserError: (_channel, trouble) => {
      troubles.push(trouble.message)
      hearing.changed()
    },
    onDevices: (next) => {
      devices = next
      hearing.changed()
    },
  })
  const capture = source.start(hearing.listener)
  return {
    pulse,
    hearing,
    troubles,
    device: (channel: Channel) => devices[channel]?.label,
    devicesOf: (channel: Channel) =>
      hearing.changes.filter((change) => change.channel === channel).map(({ label }) => label),
    async [Symbol.asyncDispose]() {
      await capture.stop()
      await pulse[Symbol.asyncDispose]()
    },
  }
}

describe.concurrent('capture through a real PulseAudio', () => {
  it('records microphone and telephone into their own channels, and both arrive intact', async ({
    expect,
  }) => {
    const call = await aSpokenCall()
    const sides = { agent: speechOf(call.agent), caller: speechOf(call.caller) }
    await using recording = await aRecording()
    const { pulse, hearing, device, troubles } = recording
    await hearing.until('both channels', () => hearing.seconds() > 0.5)
    expect([device('agent'), device('caller')]).toEqual(['VirtualMic', 'Monitor of Speaker'])
    let from = 0
    let heard = hearing.sound()
    const matches = await untilIntact({
      async play() {
        from = hearing.endSample()
        await Promise.all([pulse.play('micfeed', sides.agent), pulse.play('speaker', sides.caller)])
      },
      more: () => hearing.more(0.5),
      match() {
        heard = hearing.sound(from)
        return [envelopeMatch(heard.agent, sides.agent), envelopeMatch(heard.caller, sides.caller)]
      },
    })
    console.log('pulse: match', matches)
    expect(matches.filter(isIntact)).toEqual(matches)
    expect(envelopeMatch(heard.agent, sides.caller).correlation).toBeLessThan(0.8) // short speech is somewhat like any other
    expect(troubles).toEqual([])
  })

  it('hears one sound in both channels at the same moment', async ({ expect }) => {
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
    const { pulse, hearing } = recording
    await hearing.until('both channels', () => hearing.seconds() > 0.5)
    const speech = speechOf((await aSpokenCall()).agent)
    let from = 0
    const matches = await untilIntact({
      async play() {
        from = hearing.endSample()
        await pulse.play('speaker', speech)
      },
      more: () => hearing.more(0.5),
      match() {
        const heard = hearing.sound(from)
        return [envelopeMatch(heard.agent, speech), envelopeMatch(heard.caller, speech)]
      },
    })
    expect(matches.filter(isIntact)).toEqual(matches)
    // the remapped source is one piece of 50 ms behind its master
    expect(Math.abs(matches[0]!.offsetMs - matches[1]!.offsetMs)).toBeLessThanOrEqual(70)
  })

  it('follows the default microphone when it is unplugged, tells the new device, and goes on recording', async ({
    expect,
  }) => {
    let usb: { unplug(): Promise<void> } | undefined
    await using recording = await aRecording(async (pulse) => {
      usb = await pulse.plug('usb', 'UsbHeadset')
      await pulse.pactl('set-default-source', 'usb')
    })
    const { hearing, device, devicesOf } = recording
    await hearing.until('the headset', () => device('agent') === 'UsbHeadset' && hearing.seconds() > 0.3)
    await usb?.unplug()
    await hearing.until('the other microphone', () => device('agent') === 'VirtualMic')
    await hearing.more(0.3)
    expect(devicesOf('agent')).toEqual(['UsbHeadset', 'VirtualMic'])
  })

  it('never takes the microphone for the caller when the output goes, as the server by itself would', async ({
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
    const { pulse, hearing, device, devicesOf } = recording
    await hearing.until(
      'the headset',
      () => device('caller') === 'Monitor of Headset' && hearing.seconds() > 0.3,
    )
    await pulse.unload('sink_name=headset')
    await hearing.until('the speaker', () => device('caller') === 'Monitor of Speaker')
    expect(devicesOf('caller')).toEqual(['Monitor of Headset', 'Monitor of Speaker'])
    const [stream] = (await pulse.recordings()).filter(({ source }) => source === 'speaker.monitor')
    expect(stream?.application).toBe('3CX-Ninja Realtime')
  })

  it('follows a default that is changed in mid-call, and a stream that is moved by hand', async ({
    expect,
  }) => {
    await using recording = await aRecording((server) => server.plug('usb', 'UsbHeadset'))
    const { pulse, hearing, device, devicesOf } = recording
    await hearing.until(
      'the first microphone',
      () => device('agent') === 'VirtualMic' && hearing.seconds() > 0.3,
    )
    await pulse.pactl('set-default-source', 'usb')
    await hearing.until('the new default', () => device('agent') === 'UsbHeadset')
    const ours = await pulse.untilRecording('usb')
    await pulse.pactl('move-source-output', String(ours.index), 'virtmic')
    await hearing.until('the moved stream', () => device('agent') === 'VirtualMic')
    expect(devicesOf('agent')).toEqual(['VirtualMic', 'UsbHeadset', 'VirtualMic'])
  })

  it('records from the devices that the telephone uses, not from the default ones, and stays there when it hangs up', async ({
    expect,
  }) => {
    await using recording = await aRecording((server) => server.plug('usb', 'UsbHeadset'))
    const { pulse, hearing, device, devicesOf } = recording
    await hearing.until('the default', () => device('agent') === 'VirtualMic')
    const telephone = await pulse.startTelephone({ source: 'usb' })
    await hearing.until("the telephone's microphone", () => device('agent') === 'UsbHeadset')
    await telephone.hangUp()
    await pulse.untilRecording('usb', '3CX', 0)
    await hearing.more(0.3)
    expect(devicesOf('agent')).toEqual(['VirtualMic', 'UsbHeadset'])
  })

  it('opens a recorder anew that hangs, and the other channel goes on meanwhile', async ({ expect }) => {
    await using recording = await aRecording(undefined, {}, 3_000)
    const { pulse, hearing, device, troubles } = recording
    await hearing.until('both channels', () => hearing.seconds() > 0.3)
    const { pid } = await pulse.untilRecording('virtmic')
    process.kill(pid, 'SIGSTOP')
    const stalled =
      "No sound from 'VirtualMic' any more (nothing comes): check the device in the sound settings."
    await hearing.until('the trouble', () => troubles.includes(stalled))
    await hearing.until('the microphone again', () => device('agent') === 'VirtualMic')
    await hearing.more(0.5)
    expect((await pulse.recordings()).filter(({ source }) => source === 'virtmic')).toHaveLength(1)
    const steps = hearing.blocks.map(({ firstSample }) => firstSample)
    expect(steps).toEqual(steps.map((_, index) => steps[0]! + index * 1_600))
  })

  it('uses the chosen microphone, a stand-in while it is away with the remedy told, and the chosen one once it is back', async ({
    expect,
  }) => {
    await using recording = await aRecording(undefined, { agent: { kind: 'device', name: 'usb' } })
    const { pulse, hearing, device, troubles } = recording
    await hearing.until('the stand-in', () => device('agent') === 'VirtualMic' && troubles.length > 0)
    expect(troubles).toEqual([
      "The chosen device 'usb' is not there, 'VirtualMic' is used: plug it in, or choose another one.",
    ])
    await pulse.plug('usb', 'UsbHeadset')
    await hearing.until('the chosen one', () => device('agent') === 'UsbHeadset')
  })

  it('tells that the sound server ended, with the remedy, and the channels are marked as not heard', async ({
    expect,
  }) => {
    await using recording = await aRecording()
    const { pulse, hearing, device, troubles } = recording
    await hearing.until('sound', () => hearing.seconds() > 0.3)
    await pulse.kill()
    await hearing.until('the trouble', () =>
      troubles.some((text) => text.includes('start PulseAudio or PipeWire')),
    )
    expect([device('agent'), device('caller')]).toEqual([undefined, undefined])
  })
})
