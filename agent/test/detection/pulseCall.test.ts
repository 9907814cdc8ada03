import { describe, it } from 'vitest'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { SAMPLES_PER_RECORD } from '@3cx-ninja/protocol'
import { startFakeHub, type FakeHub } from '../../testing/fakeHub.ts'
import { aFolder } from '../../testing/sounds.ts'
import { aSpokenCall, cpuSecondsOf, startPulseServer } from '../../testing/pulse/pulseServer.ts'
import { envelopeMatch, isIntact, untilIntact } from '../../testing/capture/receivedSound.ts'
import { decodeRecording } from '../../testing/capture/decodeRecording.ts'
import { startHeadlessProcess, type Line } from '../../testing/startHeadlessProcess.ts'

const call = (line: Line) => line['call'] as CallSnapshot
const isPhase = (phase: string) => (line: Line) => line.kind === 'call' && call(line).phase === phase

function argumentsFor(hub: FakeHub, folder: { readonly path: string }): string[] {
  const link = ['--hub', hub.url, '--enrollment-key', hub.enrollmentKey, '--data', `${folder.path}/data`]
  return [...link, '--extension', '201', '--parec', 'follow,follow', '--sources', 'pulse']
}

describe.concurrent('a whole call through virtual sound devices', () => {
  it('a call begins with the microphone of the telephone, is recorded on both channels word for word, and ends with its release', async ({
    expect,
  }) => {
    await using pulse = await startPulseServer()
    await using hub = await startFakeHub()
    await using folder = await aFolder()
    await using agent = startHeadlessProcess(argumentsFor(hub, folder), pulse.environment)
    await agent.waitFor('settings', (line) => line.kind === 'settings')
    expect(await pulse.recordings()).toHaveLength(1) // the server's own filter: no program listens before a call

    const telephone = await pulse.startTelephone()
    await agent.waitFor('talking', isPhase('talking'))
    await hub.until('sound', () => hub.frames.length >= 3)
    const spoken = await aSpokenCall()
    const from = spoken.caller.findIndex((sample) => Math.abs(sample) > 2_000)
    const sides = {
      agent: spoken.agent.subarray(0, 3 * 16_000),
      caller: spoken.caller.subarray(from, from + 3 * 16_000),
    }
    const cpuBefore = await cpuSecondsOf(agent.pid)
    const before = performance.now()
    const { recordingId } = [...hub.calls.values()][0]!
    const matches = await untilIntact({
      play: () => Promise.all([pulse.play('micfeed', sides.agent), pulse.play('speaker', sides.caller)]),
      more() {
        const frames = hub.frames.length
        return hub.until('what was played last', () => hub.frames.length >= frames + 5)
      },
      async match() {
        const soFar = await decodeRecording(hub.partsOf(recordingId!)[0]!)
        return [envelopeMatch(soFar.agent, sides.agent), envelopeMatch(soFar.caller, sides.caller)]
      },
    })
    const seconds = (performance.now() - before) / 1_000
    const cpu = ((await cpuSecondsOf(agent.pid)) - cpuBefore) / seconds
    console.log(
      `agent while recording (capture, Opus, encryption, replication): ${(cpu * 100).toFixed(1)} % of a core`,
    )
    console.log('words recorded through PulseAudio, Opus and the hub:', matches)
    expect(matches.filter(isIntact)).toEqual(matches)
    await telephone.hangUp()
    const ended = call(await agent.waitFor('wrap-up', isPhase('wrap-up')))
    expect(ended.recordingId).toBe(recordingId)
    await hub.until('the seal', () => recordingId !== undefined && hub.isSealed(recordingId))

    const [part] = hub.partsOf(recordingId!)
    const recorded = await decodeRecording(part!)
    expect(recorded.agent.length % SAMPLES_PER_RECORD).toBe(0)
    expect(envelopeMatch(recorded.caller, sides.agent).correlation).toBeLessThan(0.8) // short speech is somewhat like any other
    expect(agent.lines.filter(({ kind }) => kind === 'user-error')).toEqual([])
    expect(await agent.kill('SIGTERM')).toBe(0)
    expect((await pulse.recordings()).map(({ application }) => application)).not.toContain(
      '3CX-Ninja Realtime',
    )
  })

  it('a call goes on with another microphone when the headset is unplugged, notes it in the recording, and leaves no recorder process when it is killed', async ({
    expect,
  }) => {
    await using pulse = await startPulseServer()
    await using hub = await startFakeHub()
    await using folder = await aFolder()
    const headset = await pulse.plug('usb', 'UsbHeadset')
    await using agent = startHeadlessProcess(argumentsFor(hub, folder), pulse.environment)
    await agent.waitFor('settings', (line) => line.kind === 'settings')
    await pulse.startTelephone({ source: 'usb' })
    const isRecording = (line: Line) => line.kind === 'call' && call(line).recording === 'recording'
    const { recordingId } = call(await agent.waitFor('recording', isRecording))
    await pulse.untilRecording('usb')
    await hub.until('sound', () => hub.frames.length >= 3)
    await headset.unplug()
    const records = () => hub.partsOf(recordingId!)[0]?.records ?? []
    const changed = () =>
      records().findIndex(
        ({ kind, payload }) => kind === 'device-change' && Buffer.from(payload).includes('VirtualMic'),
      )
    await hub.until('the device change in the recording', () => changed() >= 0)
    await hub.until('more sound', () => records().length > changed() + 10)
    await agent.kill('SIGKILL')
    await pulse.untilRecording('virtmic', '3CX-Ninja Realtime', 0)
    expect((await pulse.recordings()).map(({ application }) => application)).not.toContain(
      '3CX-Ninja Realtime',
    )
  })
})
