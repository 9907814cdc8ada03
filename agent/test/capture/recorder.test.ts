import { describe, expect, it } from 'vitest'
import { recordingId } from '@3cx-ninja/protocol'
import { captureTuning } from '../../src/main/capture/recording/tuning.ts'
import { aSoundDesk, counting } from '../../testing/capture/soundDesk.ts'

const audio = (first: number, count: number, at = 0) =>
  counting(first, count).map((value, n) => ['audio', at + n, value])
const ID = recordingId.parse('recording-1')

describe('the beginning of a recording', () => {
  it('holds the two seconds before it, in one piece with what follows, the same on both channels', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.hear(...counting(1, 50))
    await desk.begin()
    await desk.hear(...counting(51, 5))
    expect(desk.begun).toEqual([ID])
    expect(await desk.heard('agent')).toEqual(audio(31, 25))
    expect(await desk.heard('caller')).toEqual(
      audio(31, 25).map(([kind, at, value]) => [kind, at, -Number(value)]),
    )
  })

  it('keeps in order what is said while its file is being created', async () => {
    let letCreate: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (letCreate = resolve))
    await using desk = await aSoundDesk({
      wrap: (fs) => ({
        ...fs,
        open: (path, flags) => (flags === 'wx+' ? gate : Promise.resolve()).then(() => fs.open(path, flags)),
      }),
    })
    desk.recorder.arm(true)
    await desk.hear(1, 2)
    await desk.begin()
    await desk.hear(3, 4)
    expect(desk.begun).toEqual([])
    letCreate()
    await desk.hear(5)
    expect(desk.begun).toEqual([ID])
    expect(await desk.heard()).toEqual(audio(1, 5))
  })

  it('holds nothing of the call before', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin('recording-1')
    await desk.hear(1, 2, 3)
    await desk.tell('seal')
    desk.recorder.arm(false)
    await desk.hear(4, 5) // said after the call, before the next one rings
    desk.recorder.arm(true)
    await desk.hear(6)
    await desk.begin('recording-2')
    await desk.hear(7)
    expect(await desk.heard('agent', 'recording-1')).toEqual([...audio(1, 3), ['sealed', 3]])
    expect(await desk.heard('agent', 'recording-2')).toEqual(audio(6, 2))
  })

  it('holds nothing of an erased call', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin('recording-1')
    await desk.hear(1, 2, 3)
    await desk.tell('erase')
    await desk.begin('recording-2')
    await desk.hear(4)
    expect(await desk.heard('agent', 'recording-2')).toEqual(audio(4, 1))
  })

  it('leaves the microphone alone two seconds after the last call', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    expect(desk.hand.isOpen()).toBe(true)
    desk.recorder.arm(false)
    await desk.clock.advance(captureTuning.disarmMs - 1)
    expect(desk.hand.isOpen()).toBe(true)
    await desk.clock.advance(1)
    expect(desk.hand.isOpen()).toBe(false)
    expect(desk.clock.pending).toBe(0)
  })
})

describe('a pause', () => {
  it('[R11] writes no sound from the moment it is asked for, and its length once per channel', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1, 2)
    await desk.tell('pause')
    await desk.hear(91, 92, 93)
    await desk.tell('resume')
    await desk.hear(3)
    for (const channel of ['agent', 'caller'] as const) {
      const sign = channel === 'agent' ? 1 : -1
      expect(await desk.heard(channel)).toEqual([
        ['audio', 0, sign],
        ['audio', 1, 2 * sign],
        ['pause', 2, 3],
        ['audio', 5, 3 * sign],
      ])
    }
  })

  it('keeps its words nowhere: not in the file, not for the hub, not as the beginning of another recording', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin('recording-1')
    await desk.hear(1, 2)
    await desk.tell('pause')
    await desk.hear(91, 92, 93)
    await desk.begin('recording-2')
    await desk.tell('resume')
    await desk.hear(3)
    expect(await desk.heard('agent', 'recording-2')).toEqual([['audio', 0, 3]])
    const sent = desk.tail.read({ recordingId: ID, part: 1, from: 0, end: 1_000, limit: 1_000 })
    const values = sent
      .filter(({ kind }) => kind === 'audio')
      .map(({ payload }) => Buffer.from(payload).readInt16LE(0))
    expect(values).toEqual([1, -1, 2, -2, 3, -3])
  })

  it('asked for before the file is there leaves out what is said after it', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.hear(1)
    void desk.begin()
    const paused = desk.tell('pause')
    await paused
    await desk.hear(91, 92)
    expect(await desk.heard()).toEqual(audio(1, 1))
    await desk.tell('resume')
    await desk.hear(2)
    expect(await desk.heard()).toEqual([
      ['audio', 0, 1],
      ['pause', 1, 2],
      ['audio', 3, 2],
    ])
  })

  it('in which a recording begins keeps nothing of what was said before or meanwhile', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.hear(91)
    await desk.begin('recording-1', true)
    await desk.hear(92, 93)
    await desk.tell('resume')
    await desk.hear(1)
    expect(await desk.heard()).toEqual([
      ['pause', 0, 2],
      ['audio', 2, 1],
    ])
  })

  it('in which the call ends is still as long as it was', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1)
    await desk.tell('pause')
    await desk.hear(91, 92)
    await desk.tell('seal')
    await desk.clock.advance(0)
    expect(await desk.heard()).toEqual([
      ['audio', 0, 1],
      ['pause', 1, 2],
      ['sealed', 3],
    ])
  })
})

describe('a device that is lost', () => {
  it('[R11] leaves a gap as long as it was gone, and the recording goes on, both channels aligned', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1, 2)
    desk.hand.fail('The headset is unplugged: plug it in.')
    await desk.clock.advance(1_000)
    expect(desk.hand.starts()).toBe(2)
    await desk.hear(3)
    expect(await desk.heard('agent')).toEqual([...audio(1, 2), ['gap', 2, 10], ['audio', 12, 3]])
    expect((await desk.heard('caller')).map(([kind, at]) => [kind, at])).toEqual([
      ['audio', 0],
      ['audio', 1],
      ['gap', 2],
      ['audio', 12],
    ])
    expect(desk.troubles).toEqual(['The headset is unplugged: plug it in.'])
  })

  it('is told once however often it fails, and again when it had worked in between', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.hear(1)
    for (let n = 0; n < 5; n++) {
      desk.hand.fail('gone')
      await desk.clock.advance(captureTuning.reopenMs)
    }
    expect(desk.troubles).toEqual(['gone'])
    await desk.hear(2)
    desk.hand.fail('gone again')
    expect(desk.troubles).toEqual(['gone', 'gone again'])
  })

  it('and replaced by another one is noted where it happened', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1)
    desk.hand.device('Jabra Evolve2')
    await desk.hear(2)
    const change = (await desk.records()).find(({ kind }) => kind === 'device-change')
    expect(change?.firstSample).toBe(1_600)
    expect(Buffer.from(change!.payload).toString()).toBe('{"label":"Jabra Evolve2","channel":"agent"}')
  })

  it('on the caller’s side is noted on that side, told once, and not told when the same one comes back', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    desk.hand.device('Casque A', 'caller')
    desk.hand.device('Micro A', 'agent')
    await desk.begin()
    await desk.hear(1)
    desk.hand.device('Casque A', 'caller') // the source was opened again
    desk.hand.device('Casque B', 'caller')
    await desk.hear(2)
    const changes = (await desk.records()).filter(({ kind }) => kind === 'device-change')
    expect(
      changes.map(({ channel, payload }) => [
        channel,
        JSON.parse(Buffer.from(payload).toString()) as unknown,
      ]),
    ).toEqual([
      ['caller', { label: 'Casque A', channel: 'caller' }],
      ['caller', { label: 'Casque B', channel: 'caller' }],
    ])
    expect(desk.devices).toMatchObject([{ channel: 'caller', label: 'Casque B', part: 1, fromMs: 100 }])
  })
})

describe('erasing', () => {
  it('[R10] leaves nothing of a running recording on this disk, and writes nothing of it afterwards', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1, 2, 3)
    await desk.tell('erase')
    await desk.hear(4)
    expect(desk.disk.files()).toEqual([])
    expect(desk.recordings.list()).toEqual([])
    expect(desk.troubles).toEqual([])
  })

  it('[R10] works while the recording is only beginning', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.hear(1)
    void desk.begin()
    await desk.tell('erase')
    await desk.hear(2)
    expect(desk.disk.files()).toEqual([])
  })

  it('[R10] works while the end of the recording waits for room on the disk', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1)
    desk.disk.setRoom(0)
    await desk.tell('seal')
    await desk.tell('erase')
    await desk.clock.advance(10_000)
    expect(desk.disk.files()).toEqual([])
  })
})

describe('a full disk', () => {
  it('is told with its remedy when a recording cannot begin, which is reported so that it is tried again', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    desk.disk.setRoom(1_000)
    await desk.begin()
    await desk.hear(1)
    expect(desk.failed).toEqual([ID])
    expect(desk.troubles).toEqual([expect.stringMatching(/cannot begin.*free some space/)])
    desk.disk.heal()
    await desk.begin()
    await desk.hear(2)
    expect(await desk.heard()).toEqual(audio(1, 2))
  })

  it('in mid-call is told once; the call goes on in memory and is written whole when there is room', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1, 2)
    desk.disk.setRoom(500)
    await desk.hear(...counting(3, 30))
    expect(desk.troubles).toEqual([expect.stringMatching(/free some space now.*kept in memory/)])
    desk.disk.heal()
    await desk.hear(33)
    await desk.tell('seal')
    expect(await desk.heard()).toEqual([...audio(1, 33), ['sealed', 33]])
    expect(desk.recordings.list()).toMatchObject([{ sealed: true }])
  })

  it('at hang-up lets the recording be completed by itself as soon as there is room', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1, 2)
    desk.disk.setRoom(0)
    await desk.hear(3)
    await desk.tell('seal')
    await desk.clock.advance(20_000)
    expect(desk.recordings.list()).toMatchObject([{ sealed: false }])
    desk.disk.heal()
    await desk.clock.advance(5_000)
    expect(desk.recordings.list()).toMatchObject([{ sealed: true }])
    expect(await desk.heard()).toEqual([...audio(1, 3), ['sealed', 3]])
  })

  it('that outlasts the memory never gives the hub another record than the disk for one position', async () => {
    await using desk = await aSoundDesk({ tuning: { maxWaitingBytes: 20_000 } })
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1)
    desk.disk.setRoom(0)
    await desk.hear(...counting(2, 10))
    desk.disk.heal()
    await desk.tell('seal')
    const records = await desk.records()
    expect(records.at(-1)?.kind).toBe('sealed')
    expect(records.length).toBeLessThan(22)
    const before = records.length
    for (let from = 0; from < before; from++) {
      const [live] = desk.tail.read({ recordingId: ID, part: 1, from, end: before, limit: 1 })
      if (live)
        expect([from, live.kind, Buffer.from(live.payload)]).toEqual([
          from,
          records[from]!.kind,
          Buffer.from(records[from]!.payload),
        ])
    }
  })
})

describe('a stop of the agent in mid-call', () => {
  it('leaves the recording as a restart would find it: written, not completed, and its next part goes on', async () => {
    const desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1, 2)
    await desk.recorder.stop()
    await desk.recordings.stop()
    expect(desk.hand.isOpen()).toBe(false)
    const again = await desk.reopen()
    expect(again.list()).toMatchObject([{ sealed: false, parts: [{ position: 4, closed: true }] }])
  })

  it('does not wait for a disk that has no room', async () => {
    const desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.hear(1, 2)
    desk.disk.setRoom(0)
    await desk.tell('seal')
    await desk.recorder.stop()
    await desk.recordings.stop()
    expect(desk.clock.pending).toBe(0)
  })
})

it('a moment that the technician marks stands where it was', async () => {
  await using desk = await aSoundDesk()
  desk.recorder.arm(true)
  await desk.begin()
  await desk.hear(1, 2)
  await desk.tell('mark')
  await desk.hear(3)
  expect(await desk.heard()).toEqual([...audio(1, 2), ['mark', 2], ['audio', 2, 3]])
})
