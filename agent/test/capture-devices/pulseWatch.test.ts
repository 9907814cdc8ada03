import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { chooseDevice, devicesOf } from '../../src/main/capture/sources/pulse/chooseDevices.ts'
import type { Pactl } from '../../src/main/capture/sources/pulse/pactl.ts'
import {
  parsePulseState,
  type PulseState,
  type PulseStream,
} from '../../src/main/capture/sources/pulse/pulseState.ts'
import { watchPulse } from '../../src/main/capture/sources/pulse/pulseWatch.ts'
import { isTelephone } from '../../src/main/capture/sources/pulse/telephone.ts'

const aState = (): PulseState => ({
  sources: [
    { index: 1, name: 'webcam', label: 'Webcam', isMonitor: false },
    { index: 2, name: 'headset', label: 'Headset', isMonitor: false },
    { index: 3, name: 'speaker.monitor', label: 'Monitor of Speaker', isMonitor: true },
    { index: 4, name: 'headset.monitor', label: 'Monitor of Headset', isMonitor: true },
  ],
  sinks: [
    { index: 7, name: 'speaker', label: 'Speaker', monitor: 'speaker.monitor' },
    { index: 8, name: 'headset-out', label: 'Headset', monitor: 'headset.monitor' },
  ],
  recordings: [],
  playbacks: [],
  defaultSource: 'webcam',
  defaultSink: 'speaker',
})
const aStream = (changes: Partial<PulseStream> = {}): PulseStream => ({
  index: 30,
  device: 2,
  corked: false,
  pid: 99,
  binary: '3CXDesktopApp',
  application: '3CX',
  media: 'RecordStream',
  ...changes,
})

function aPactl() {
  let reads = 0
  let subscriptions = 0
  let listener: Parameters<Pactl['subscribe']>[0] | undefined
  let broken: Error | undefined
  const pactl: Pactl = {
    read() {
      reads += 1
      listener?.awake()
      return broken ? Promise.reject(broken) : Promise.resolve(aState())
    },
    subscribe(to) {
      subscriptions += 1
      listener = to
      return () => Promise.resolve()
    },
  }
  return {
    pactl,
    reads: () => reads,
    subscriptions: () => subscriptions,
    change: () => listener?.changed(),
    end: (error: Error) => listener?.ended(error),
    breakWith: (error: Error | undefined) => void (broken = error),
  }
}

describe('watching the sound server', () => {
  it('the watch reads once per change, and no more than ten times a second while a slider moves', async () => {
    const clock = createFakeClock()
    const fake = aPactl()
    let states = 0
    const watch = watchPulse(
      { pactl: fake.pactl, clock },
      { state: () => (states += 1), failed: () => undefined },
    )
    await clock.advance(1_000)
    const before = fake.reads()
    fake.change()
    await clock.advance(0)
    expect(fake.reads()).toBe(before + 1) // the first change is read at once
    for (let event = 0; event < 100; event++) {
      fake.change()
      await clock.advance(10)
    }
    expect(fake.reads() - before).toBeLessThanOrEqual(12)
    const after = fake.reads()
    fake.change()
    await clock.advance(200)
    expect(fake.reads()).toBeGreaterThan(after) // the last change is not missed
    expect(states).toBe(fake.reads())
    await watch.stop()
    expect(clock.pending).toBe(0)
  })

  it('the watch tries again with growing pauses when the server is gone, and reports its return', async () => {
    const clock = createFakeClock()
    const fake = aPactl()
    const logged: string[] = []
    const watch = watchPulse(
      { pactl: fake.pactl, clock },
      { state: () => logged.push('state'), failed: ({ message }) => logged.push(message) },
    )
    await clock.advance(500)
    fake.breakWith(new Error('refused'))
    fake.end(new Error('ended'))
    await clock.advance(8_500)
    expect(logged.filter((each) => each === 'refused').length).toBeGreaterThanOrEqual(2)
    expect(fake.subscriptions()).toBeLessThan(6)
    fake.breakWith(undefined)
    await clock.advance(5_000)
    expect(logged.at(-1)).toBe('state')
    await watch.stop()
    expect(clock.pending).toBe(0)
  })
})

describe('which device is recorded', () => {
  const FOLLOW = { kind: 'follow' } as const
  const PROGRAMS = ['3cx*']
  const nameOf = (chosen: ReturnType<typeof chooseDevice>) =>
    chosen.kind === 'none' ? undefined : chosen.source.name

  it("the system's default is recorded, until the telephone uses another device", () => {
    const idle = aState()
    expect(nameOf(chooseDevice('agent', FOLLOW, idle, PROGRAMS))).toBe('webcam')
    expect(nameOf(chooseDevice('caller', FOLLOW, idle, PROGRAMS))).toBe('speaker.monitor')
    const onCall = { ...idle, recordings: [aStream()], playbacks: [aStream({ device: 8 })] }
    expect(nameOf(chooseDevice('agent', FOLLOW, onCall, PROGRAMS))).toBe('headset')
    expect(nameOf(chooseDevice('caller', FOLLOW, onCall, PROGRAMS))).toBe('headset.monitor')
    const onHold = { ...idle, recordings: [aStream({ corked: true })] }
    expect(nameOf(chooseDevice('agent', FOLLOW, onHold, PROGRAMS))).toBe('webcam')
    expect(nameOf(chooseDevice('agent', FOLLOW, onHold, PROGRAMS, 'headset'))).toBe('headset')
    expect(nameOf(chooseDevice('agent', FOLLOW, onHold, PROGRAMS, 'unplugged'))).toBe('webcam')
  })

  it('a monitor is never recorded as the microphone, and nothing where there is none', () => {
    const monitors = { ...aState(), sources: aState().sources.filter(({ isMonitor }) => isMonitor) }
    expect(
      chooseDevice('agent', FOLLOW, { ...monitors, defaultSource: 'speaker.monitor' }, PROGRAMS),
    ).toEqual({ kind: 'none' })
    expect(chooseDevice('caller', FOLLOW, { ...aState(), sinks: [] }, PROGRAMS)).toEqual({ kind: 'none' })
  })

  it('the chosen microphone is recorded before all others', () => {
    const onCall = { ...aState(), recordings: [aStream()] }
    expect(nameOf(chooseDevice('agent', { kind: 'device', name: 'webcam' }, onCall, PROGRAMS))).toBe('webcam')
    expect(devicesOf(onCall)).toEqual({
      microphones: [
        { name: 'webcam', label: 'Webcam' },
        { name: 'headset', label: 'Headset' },
      ],
      outputs: [
        { name: 'speaker.monitor', label: 'Speaker' },
        { name: 'headset.monitor', label: 'Headset' },
      ],
    })
  })

  it.each([
    [{ binary: '3CXSoftphone.exe', application: '' }, ['3cx*'], true],
    [{ binary: 'wine64-preloader', application: '3CXPhone' }, ['3cx*'], true],
    [{ binary: 'chrome', application: 'Chromium input' }, ['3cx*'], false],
    [{ binary: 'chrome', application: 'Chromium input' }, ['Chrome'], true],
    [{ binary: 'pacat', application: '3CX-Ninja Realtime' }, ['3cx*', 'pacat'], false],
    [{ media: 'Peak detect' }, ['3cx*'], false],
    [{ binary: '', application: '' }, ['*', ''], false],
  ])('a stream is matched to the telephone: %o for %o: %s', (stream, programs, wanted) => {
    expect(isTelephone(aStream(stream), programs)).toBe(wanted)
  })
})

describe('answers of pactl', () => {
  it('answers of pactl that are no JSON, or not as expected, are refused with the remedy', () => {
    expect(() => parsePulseState('Échec de la connexion', '{}')).toThrow(
      /not JSON.*install pulseaudio-utils 16/,
    )
    expect(() => parsePulseState('{"sources":[]}', '{}')).toThrow(/unexpected \(sinks\)/)
  })
})
