import { describe, expect, it } from 'vitest'
import { recordingId } from '@3cx-ninja/protocol'
import { captureTuning } from '../../src/main/capture/recording/tuning.ts'
import { aSoundDesk, counting } from '../../testing/capture/soundDesk.ts'

const audio = (first: number, count: number, at = 0) =>
  counting(first, count).map((value, n) => ['audio', at + n, value])
const ID = recordingId.parse('recording-1')

describe('the beginning of a recording', () => {
  it('a recording holds the two seconds before it, in one piece with the rest, the same on both channels', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.feed(...counting(1, 50))
    await desk.begin()
    await desk.feed(...counting(51, 5))
    expect(desk.begun).toEqual([ID])
    expect(await desk.written('agent')).toEqual(audio(31, 25))
    expect(await desk.written('caller')).toEqual(
      audio(31, 25).map(([kind, at, value]) => [kind, at, -Number(value)]),
    )
  })

  it('a recording keeps in order the sound that comes while its file is being created', async () => {
    let letCreate: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (letCreate = resolve))
    await using desk = await aSoundDesk({
      wrap: (fs) => ({
        ...fs,
        open: (path, flags) => (flags === 'wx+' ? gate : Promise.resolve()).then(() => fs.open(path, flags)),
      }),
    })
    desk.recorder.arm(true)
    await desk.feed(1, 2)
    await desk.begin()
    await desk.feed(3, 4)
    expect(desk.begun).toEqual([])
    letCreate()
    await desk.feed(5)
    expect(desk.begun).toEqual([ID])
    expect(await desk.written()).toEqual(audio(1, 5))
  })

  it('a recording holds nothing of the call before it', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin('recording-1')
    await desk.feed(1, 2, 3)
    await desk.command('seal')
    desk.recorder.arm(false)
    await desk.feed(4, 5) // sound after the call, before the next one rings
    desk.recorder.arm(true)
    await desk.feed(6)
    await desk.begin('recording-2')
    await desk.feed(7)
    expect(await desk.written('agent', 'recording-1')).toEqual([...audio(1, 3), ['sealed', 3]])
    expect(await desk.written('agent', 'recording-2')).toEqual(audio(6, 2))
  })

  it('a recording holds nothing of an erased call', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin('recording-1')
    await desk.feed(1, 2, 3)
    await desk.command('erase')
    await desk.begin('recording-2')
    await desk.feed(4)
    expect(await desk.written('agent', 'recording-2')).toEqual(audio(4, 1))
  })

  it('the recorder releases the microphone two seconds after the last call', async () => {
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
  it('[R11] a pause writes no sound from its request on, and its length once per channel', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1, 2)
    await desk.command('pause')
    await desk.feed(91, 92, 93)
    await desk.command('resume')
    await desk.feed(3)
    for (const channel of ['agent', 'caller'] as const) {
      const sign = channel === 'agent' ? 1 : -1
      expect(await desk.written(channel)).toEqual([
        ['audio', 0, sign],
        ['audio', 1, 2 * sign],
        ['pause', 2, 3],
        ['audio', 5, 3 * sign],
      ])
    }
  })

  it('a pause keeps its words nowhere: not in the file, not for the hub, not as the beginning of another recording', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin('recording-1')
    await desk.feed(1, 2)
    await desk.command('pause')
    await desk.feed(91, 92, 93)
    await desk.begin('recording-2')
    await desk.command('resume')
    await desk.feed(3)
    expect(await desk.written('agent', 'recording-2')).toEqual([['audio', 0, 3]])
    const sent = desk.tail.read({ recordingId: ID, part: 1, from: 0, end: 1_000, limit: 1_000 })
    const values = sent
      .filter(({ kind }) => kind === 'audio')
      .map(({ payload }) => Buffer.from(payload).readInt16LE(0))
    expect(values).toEqual([1, -1, 2, -2, 3, -3])
  })

  it('a pause requested before the file exists omits the sound after it', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.feed(1)
    void desk.begin()
    const paused = desk.command('pause')
    await paused
    await desk.feed(91, 92)
    expect(await desk.written()).toEqual(audio(1, 1))
    await desk.command('resume')
    await desk.feed(2)
    expect(await desk.written()).toEqual([
      ['audio', 0, 1],
      ['pause', 1, 2],
      ['audio', 3, 2],
    ])
  })

  it('a pause in which a recording begins keeps no sound from before or meanwhile', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.feed(91)
    await desk.begin('recording-1', true)
    await desk.feed(92, 93)
    await desk.command('resume')
    await desk.feed(1)
    expect(await desk.written()).toEqual([
      ['pause', 0, 2],
      ['audio', 2, 1],
    ])
  })

  it('a pause in which the call ends keeps its true length', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1)
    await desk.command('pause')
    await desk.feed(91, 92)
    await desk.command('seal')
    await desk.clock.advance(0)
    expect(await desk.written()).toEqual([
      ['audio', 0, 1],
      ['pause', 1, 2],
      ['sealed', 3],
    ])
  })
})

describe('a device that is lost', () => {
  it('[R11] a lost device leaves a gap as long as its absence, and the recording goes on, both channels aligned', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1, 2)
    desk.hand.fail('The headset is unplugged: plug it in.')
    await desk.clock.advance(1_000)
    expect(desk.hand.starts()).toBe(2)
    await desk.feed(3)
    expect(await desk.written('agent')).toEqual([...audio(1, 2), ['gap', 2, 10], ['audio', 12, 3]])
    expect((await desk.written('caller')).map(([kind, at]) => [kind, at])).toEqual([
      ['audio', 0],
      ['audio', 1],
      ['gap', 2],
      ['audio', 12],
    ])
    expect(desk.userErrors).toEqual(['The headset is unplugged: plug it in.'])
  })

  it('a lost device is reported once however often it fails, and again after it worked in between', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.feed(1)
    for (let n = 0; n < 5; n++) {
      desk.hand.fail('gone')
      await desk.clock.advance(captureTuning.reopenMs)
    }
    expect(desk.userErrors).toEqual(['gone'])
    await desk.feed(2)
    desk.hand.fail('gone again')
    expect(desk.userErrors).toEqual(['gone', 'gone again'])
  })

  it('a lost device replaced by another one is noted at its time in the recording', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1)
    desk.hand.device('Jabra Evolve2')
    await desk.feed(2)
    const change = (await desk.records()).find(({ kind }) => kind === 'device-change')
    expect(change?.firstSample).toBe(1_600)
    expect(Buffer.from(change!.payload).toString()).toBe('{"label":"Jabra Evolve2","channel":"agent"}')
  })

  it('a lost device of the caller is noted on that channel, reported once, and not again when the same one returns', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    desk.hand.device('Casque A', 'caller')
    desk.hand.device('Micro A', 'agent')
    await desk.begin()
    await desk.feed(1)
    desk.hand.device('Casque A', 'caller') // the source was opened again
    desk.hand.device('Casque B', 'caller')
    await desk.feed(2)
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
  it('[R10] an erasure leaves nothing of a running recording on this disk, and nothing is written afterwards', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1, 2, 3)
    await desk.command('erase')
    await desk.feed(4)
    expect(desk.disk.files()).toEqual([])
    expect(desk.recordings.list()).toEqual([])
    expect(desk.userErrors).toEqual([])
  })

  it('[R10] an erasure works while the recording is still beginning', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.feed(1)
    void desk.begin()
    await desk.command('erase')
    await desk.feed(2)
    expect(desk.disk.files()).toEqual([])
  })

  it('[R10] an erasure works while the end of the recording waits for disk space', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1)
    desk.disk.setRoom(0)
    await desk.command('seal')
    await desk.command('erase')
    await desk.clock.advance(10_000)
    expect(desk.disk.files()).toEqual([])
  })
})

describe('a full disk', () => {
  it('a full disk is reported with its remedy when a recording cannot begin, and the failure lets the call try again', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    desk.disk.setRoom(1_000)
    await desk.begin()
    await desk.feed(1)
    expect(desk.failed).toEqual([ID])
    expect(desk.userErrors).toEqual([expect.stringMatching(/cannot begin.*free some space/)])
    desk.disk.heal()
    await desk.begin()
    await desk.feed(2)
    expect(await desk.written()).toEqual(audio(1, 2))
  })

  it('a full disk in mid-call is reported once; the call goes on in memory and is written whole when there is space', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1, 2)
    desk.disk.setRoom(500)
    await desk.feed(...counting(3, 30))
    expect(desk.userErrors).toEqual([expect.stringMatching(/free some space now.*kept in memory/)])
    desk.disk.heal()
    await desk.feed(33)
    await desk.command('seal')
    expect(await desk.written()).toEqual([...audio(1, 33), ['sealed', 33]])
    expect(desk.recordings.list()).toMatchObject([{ sealed: true }])
  })

  it('a disk full at hang-up lets the recording complete by itself as soon as there is space', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1, 2)
    desk.disk.setRoom(0)
    await desk.feed(3)
    await desk.command('seal')
    await desk.clock.advance(20_000)
    expect(desk.recordings.list()).toMatchObject([{ sealed: false }])
    desk.disk.heal()
    await desk.clock.advance(5_000)
    expect(desk.recordings.list()).toMatchObject([{ sealed: true }])
    expect(await desk.written()).toEqual([...audio(1, 3), ['sealed', 3]])
  })

  it('a full disk that outlasts the memory never gives the hub another record than the disk for one position', async () => {
    await using desk = await aSoundDesk({ tuning: { maxWaitingBytes: 20_000 } })
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1)
    desk.disk.setRoom(0)
    await desk.feed(...counting(2, 10))
    desk.disk.heal()
    await desk.command('seal')
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
  it('a stop of the agent in mid-call leaves the recording written and not completed, and its next part goes on', async () => {
    const desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1, 2)
    await desk.recorder.stop()
    await desk.recordings.stop()
    expect(desk.hand.isOpen()).toBe(false)
    const again = await desk.reopen()
    expect(again.list()).toMatchObject([{ sealed: false, parts: [{ position: 4, closed: true }] }])
  })

  it('a stop of the agent does not wait for a full disk', async () => {
    const desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(1, 2)
    desk.disk.setRoom(0)
    await desk.command('seal')
    await desk.recorder.stop()
    await desk.recordings.stop()
    expect(desk.clock.pending).toBe(0)
  })
})

it('a mark of the technician stands in the recording at its time', async () => {
  await using desk = await aSoundDesk()
  desk.recorder.arm(true)
  await desk.begin()
  await desk.feed(1, 2)
  await desk.command('mark')
  await desk.feed(3)
  expect(await desk.written()).toEqual([...audio(1, 2), ['mark', 2], ['audio', 2, 3]])
})
