import { describe, expect, it } from 'vitest'
import {
  decodeFrame,
  recordingId,
  streamOfFrame,
  type AgentToHub,
  type LogRecord,
  type PartHeader,
} from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createSeededRandom } from '../../../protocol/testing/stormyNetwork.ts'
import { createMemoryRecordings } from '../../testing/memoryRecordings.ts'
import { createLiveTail } from '../../src/main/replication/liveTail.ts'
import { createReplicator, type ReplicationMessage } from '../../src/main/replication/replicator.ts'
import { replicationTuning } from '../../src/main/replication/tuning.ts'

interface HubPart {
  header: PartHeader
  records: LogRecord[]
}

/** Returns local recordings, a replicator, and a hub behind a connection that delays and can be cut. */
function aDesk({
  random = () => 0,
  maxBufferedBytes = replicationTuning.maxBufferedBytes,
}: { random?: () => number; maxBufferedBytes?: number } = {}) {
  const clock = createFakeClock()
  const local = createMemoryRecordings()
  const tail = createLiveTail()
  const hub = new Map<string, HubPart>()
  const said: AgentToHub[] = []
  const frames: { stream: number; recordingId: string; records: number }[] = []
  const removed: string[] = []
  const refused: string[] = []
  const userErrors: string[] = []
  let line = 0
  let isUp = false
  let buffered = 0
  const options = { refuse: undefined as string | undefined, forgetNext: 0, maxDelayMs: 0, silent: false }
  let streams = new Map<number, HubPart>()
  const laneMs = { up: 0, down: 0 }

  /** Delivers in order per direction; a message in flight is lost when the connection breaks. */
  const carry = (lane: 'up' | 'down', action: () => void) => {
    const mine = line
    laneMs[lane] = Math.max(laneMs[lane], clock.monotonicMs() + Math.floor(random() * options.maxDelayMs))
    clock.after(laneMs[lane] - clock.monotonicMs(), () => {
      if (mine === line && isUp) action()
    })
  }
  const answer = (message: ReplicationMessage) => carry('down', () => replicator.received(message))
  const receive = (message: AgentToHub) => {
    said.push(message)
    if (message.kind === 'part-open') {
      const { stream, header } = message
      if (options.refuse) {
        const reason = options.refuse as 'disk-full'
        answer({ kind: 'part-refused', stream, reason, detail: '' })
        return
      }
      const key = `${header.recordingId}/${header.part}`
      const part = hub.get(key) ?? { header, records: [] }
      expect(part.header, 'the header of a part never changes').toEqual(header)
      for (let before = 1; before < header.part; before++)
        expect(hub.has(`${header.recordingId}/${before}`), '[R4] parts come in order').toBe(true)
      hub.set(key, part)
      expect(streams.has(stream), '[R1] a stream is used once per link').toBe(false)
      streams.set(stream, part)
      answer({ kind: 'part-position', stream, position: part.records.length })
      answer({ kind: 'records-flushed', stream, position: part.records.length })
      safe(header.recordingId)
    }
  }
  const safe = (recordingId: PartHeader['recordingId']) => {
    const parts = [...hub.values()].filter(({ header }) => header.recordingId === recordingId)
    if (parts.some(({ records }) => records.at(-1)?.kind === 'sealed') && !options.silent)
      answer({ kind: 'recording-safe', recordingId })
  }
  const receiveFrame = (bytes: Uint8Array) => {
    const stream = streamOfFrame(bytes)!
    const part = streams.get(stream)
    const frame = decodeFrame(bytes)
    expect(frame.ok).toBe(true)
    if (!part || !frame.ok) return
    if (options.forgetNext > 0) {
      part.records.length = Math.max(0, part.records.length - options.forgetNext)
      options.forgetNext = 0
    }
    if (frame.records[0]!.sequence !== part.records.length) {
      answer({ kind: 'part-position', stream, position: part.records.length })
      return
    }
    part.records.push(...frame.records.map((record) => ({ ...record, payload: record.payload.slice() })))
    answer({ kind: 'records-flushed', stream, position: part.records.length })
    safe(part.header.recordingId)
  }

  const replicator = createReplicator({
    recordings: local.recordings,
    tail,
    clock,
    tuning: { ...replicationTuning, maxBufferedBytes },
    link: {
      send(message) {
        if (isUp) carry('up', () => receive(message))
        return isUp
      },
      sendBinary(bytes) {
        if (!isUp) return false
        const stream = streamOfFrame(bytes)!
        const decoded = decodeFrame(bytes)
        frames.push({ stream, recordingId: '', records: decoded.ok ? decoded.records.length : 0 })
        buffered += bytes.length
        carry('up', () => {
          buffered -= bytes.length
          receiveFrame(bytes)
        })
        return true
      },
      bufferedBytes: () => buffered,
    },
    onRemoved: (recordingId, why) => removed.push(`${recordingId} ${why}`),
    onRefused: (recordingId, reason) => refused.push(`${recordingId} ${reason}`),
    onUserError: (error) => userErrors.push(error.message),
    onChange: () => undefined,
  })
  return {
    clock,
    local,
    tail,
    hub,
    said,
    frames,
    removed,
    refused,
    userErrors,
    options,
    replicator,
    held: (name: string, part = 1) => hub.get(`${name}/${part}`)?.records ?? [],
    up() {
      line += 1
      isUp = true
      buffered = 0
      streams = new Map()
      laneMs.up = laneMs.down = 0
      replicator.linkUp()
    },
    down() {
      line += 1
      isUp = false
      replicator.linkDown()
    },
    /** Records as the recorder does: into the live tail, then onto disk. */
    talk(name: string, blocks = 1) {
      const before = local.parts(name).at(-1)!
      for (let block = 0; block < blocks; block++) {
        tail.add(before.header.recordingId, before.header.part, local.grow(name))
      }
    },
  }
}
const REC = 'recording-0001'

describe('replication', () => {
  it('[R13] a live call is sent as one frame per 100 ms of both channels, without reading its file', async () => {
    const desk = aDesk()
    desk.up()
    desk.local.begin(REC)
    await desk.clock.advance(0)
    for (let block = 0; block < 10; block++) {
      const { header } = desk.local.parts(REC)[0]!
      const count = desk.local.parts(REC)[0]!.records.length
      desk.tail.add(
        header.recordingId,
        1,
        [0, 1].map((offset) => ({
          sequence: count + offset,
          kind: 'audio',
          channel: offset === 0 ? 'agent' : 'caller',
          firstSample: (count >> 1) * 1_600,
          payload: new TextEncoder().encode(`${REC}/1/${count + offset}`),
        })),
      )
      desk.local.grow(REC)
      await desk.clock.advance(100)
    }
    expect(desk.frames.map(({ records }) => records)).toEqual(Array.from({ length: 10 }, () => 2))
    expect(desk.held(REC)).toEqual(desk.local.parts(REC)[0]!.records)
    expect(desk.local.reads()).toBe(0)
  })

  it('[R13] older records catch up in frames of 64, and the call that is on goes first', async () => {
    const desk = aDesk()
    for (const name of ['old-recording-1', 'old-recording-2']) {
      desk.local.begin(name)
      desk.local.grow(name, 200)
      desk.local.seal(name)
    }
    desk.local.begin('zz-live-call')
    desk.local.grow('zz-live-call', 100)
    desk.up()
    await desk.clock.advance(1_000)
    expect(desk.frames.slice(0, 4).map(({ records }) => records)).toEqual([64, 64, 64, 8])
    const streamOfLive = desk.said.find(
      (m) => m.kind === 'part-open' && m.header.recordingId === 'zz-live-call',
    )
    expect(new Set(desk.frames.slice(0, 4).map(({ stream }) => stream))).toEqual(
      new Set([streamOfLive?.kind === 'part-open' ? streamOfLive.stream : 0]),
    )
    expect(desk.removed.sort()).toEqual(['old-recording-1 safe', 'old-recording-2 safe'])
  })

  it('[R2] replication goes on at the position the hub names when the hub has lost records', async () => {
    const desk = aDesk()
    desk.up()
    desk.local.begin(REC)
    desk.talk(REC, 20)
    await desk.clock.advance(100)
    desk.options.forgetNext = 11
    desk.talk(REC, 1)
    await desk.clock.advance(100)
    expect(desk.held(REC)).toEqual(desk.local.parts(REC)[0]!.records)
  })

  it('[R4] a part of which the hub holds more than this disk is not sent', async () => {
    const desk = aDesk()
    desk.up()
    desk.local.begin(REC)
    desk.talk(REC, 10)
    await desk.clock.advance(100)
    desk.down()
    desk.local.tear(REC, 6)
    desk.local.begin(REC)
    desk.talk(REC, 3)
    desk.local.seal(REC)
    desk.options.silent = true
    desk.up()
    await desk.clock.advance(100)
    expect(desk.held(REC, 1)).toHaveLength(20)
    expect(
      desk
        .held(REC, 2)
        .map(({ kind }) => kind)
        .at(-1),
    ).toBe('sealed')
    expect(desk.hub.get(`${REC}/2`)?.header.previousPosition).toBe(6)
  })

  it('[R9] the copy on this PC is kept until the hub reports the recording safe', async () => {
    const desk = aDesk()
    desk.options.silent = true
    desk.local.begin(REC)
    desk.local.grow(REC, 5)
    desk.local.seal(REC)
    desk.up()
    await desk.clock.advance(60_000)
    expect(desk.local.names()).toEqual([REC])
    expect(desk.replicator.view()).toEqual([{ recordingId: REC, records: 11, flushed: 11, state: 'sent' }])
    desk.down()
    desk.options.silent = false
    desk.up()
    await desk.clock.advance(10)
    expect(desk.local.names()).toEqual([])
  })

  it.each([
    ['erased', 'removed'],
    ['opted-out', 'removed'],
    ['not-yours', 'kept'],
    ['header-differs', 'kept'],
    ['no-consent', 'kept'],
    ['disk-full', 'kept'],
    ['broken-record', 'kept'],
  ])('[R8] a recording refused as %s has its copy %s', async (reason, outcome) => {
    const desk = aDesk()
    desk.local.begin(REC)
    desk.local.grow(REC, 5)
    desk.options.refuse = reason
    desk.up()
    await desk.clock.advance(10)
    expect(desk.local.names()).toEqual(outcome === 'removed' ? [] : [REC])
    expect(outcome === 'removed' ? desk.removed : desk.refused).toEqual([`${REC} ${reason}`])
    expect(desk.frames).toEqual([])
  })

  it('[R10] a recording that the hub reports erased is deleted here, also when it was sent long ago', async () => {
    const desk = aDesk()
    desk.options.silent = true
    desk.local.begin(REC)
    desk.local.grow(REC, 5)
    desk.local.seal(REC)
    desk.up()
    await desk.clock.advance(100)
    expect(desk.said.some(({ kind }) => kind === 'part-close')).toBe(true)
    desk.replicator.received({ kind: 'recording-erased', recordingId: recordingId.parse('of-somebody-else') })
    await desk.clock.advance(10)
    expect(desk.local.names()).toEqual([REC])
    desk.replicator.received({ kind: 'recording-erased', recordingId: recordingId.parse(REC) })
    desk.replicator.received({ kind: 'recording-erased', recordingId: recordingId.parse(REC) })
    await desk.clock.advance(10)
    expect(desk.local.names()).toEqual([])
    expect(new Set(desk.removed)).toEqual(new Set([`${REC} erased`]))
  })

  it.each(['not yet answered', 'answered'])(
    '[R5] a recording that is erased here leaves no stream open on the hub, its opening %s',
    async (how) => {
      const desk = aDesk()
      desk.local.begin(REC)
      desk.local.grow(REC, 2)
      desk.up()
      if (how === 'answered') await desk.clock.advance(100)
      await desk.local.recordings.remove(recordingId.parse(REC))
      await desk.clock.advance(100)
      const about = desk.said.flatMap((message) =>
        message.kind === 'part-open' || message.kind === 'part-close' ? [[message.kind, message.stream]] : [],
      )
      expect(about).toEqual([
        ['part-open', 1],
        ['part-close', 1],
      ])
    },
  )

  it('[R8] a refused recording is tried again after a full disk on the hub, and after new rules when consent was missing', async () => {
    const desk = aDesk()
    desk.local.begin(REC)
    desk.local.grow(REC, 5)
    desk.options.refuse = 'disk-full'
    desk.up()
    await desk.clock.advance(10)
    desk.options.refuse = 'no-consent'
    await desk.clock.advance(replicationTuning.diskFullMs)
    desk.options.refuse = undefined
    await desk.clock.advance(1_000)
    expect(desk.held(REC)).toEqual([])
    desk.replicator.rules()
    await desk.clock.advance(10)
    expect(desk.held(REC)).toHaveLength(10)
    expect(desk.refused).toEqual([`${REC} disk-full`, `${REC} no-consent`])
  })

  it('a slow connection never gets more than its limit, and still delivers everything', async () => {
    const desk = aDesk({ maxBufferedBytes: 2_000, random: () => 0.5 })
    desk.options.maxDelayMs = 100
    desk.local.begin(REC)
    desk.local.grow(REC, 1_000)
    desk.up()
    await desk.clock.advance(10)
    expect(desk.frames.length).toBeLessThan(4)
    desk.local.seal(REC)
    await desk.clock.advance(60_000)
    expect(desk.removed).toEqual([`${REC} safe`])
    expect(desk.held(REC)).toHaveLength(2_001)
  })

  it('a long recording is read in large pieces, not once per frame', async () => {
    const desk = aDesk()
    desk.local.begin(REC)
    desk.local.grow(REC, 9_000)
    desk.up()
    await desk.clock.advance(100)
    expect(desk.held(REC)).toHaveLength(18_000)
    expect(desk.local.reads()).toBeLessThanOrEqual(10)
  })

  const SEEDS = [
    1,
    2,
    3,
    4,
    5,
    17,
    99,
    4_242,
    ...(process.env['REPLICATION_SEED'] ? [Number(process.env['REPLICATION_SEED'])] : []),
  ]
  it.each(SEEDS)(
    '[R1][R2][R4] cuts, restarts, power cuts and delays lose no record, double none and mix up none (seed %i)',
    async (seed) => {
      const random = createSeededRandom(seed)
      const desk = aDesk({ random })
      desk.options.maxDelayMs = 300
      /** All records ever written, per part: the hub must hold a beginning of them. */
      const truth = new Map<string, LogRecord[]>()
      const names = ['rec-storm-a', 'rec-storm-b', 'rec-storm-c']
      const sealed = new Set<string>()
      const remember = (name: string) => {
        for (const { header, records } of desk.local.parts(name)) {
          const key = `${name}/${header.part}`
          if ((truth.get(key)?.length ?? 0) < records.length) truth.set(key, [...records])
        }
      }
      desk.up()
      for (const name of names) desk.local.begin(name)
      for (let turn = 0; turn < 400; turn++) {
        await desk.clock.advance(Math.floor(random() * 200))
        const name = names[Math.floor(random() * names.length)]!
        const dice = random()
        if (dice < 0.75 && !sealed.has(name)) {
          if (random() < 0.5) desk.talk(name, 1 + Math.floor(random() * 5))
          else desk.local.grow(name, 1 + Math.floor(random() * 5))
          remember(name)
        } else if (dice < 0.83) desk.down()
        else if (dice < 0.93) {
          desk.down()
          desk.up()
        } else if (dice < 0.96 && !sealed.has(name)) {
          // Power cut on this PC: the tail is gone, the next part goes on.
          const { records } = desk.local.parts(name).at(-1)!
          desk.down()
          desk.tail.drop(desk.local.parts(name)[0]!.header.recordingId)
          desk.local.tear(name, records.length - Math.floor(random() * 6))
          desk.local.begin(name)
          desk.up()
        } else if (dice < 0.98) desk.options.forgetNext = Math.floor(random() * 10)
      }
      for (const name of names) {
        desk.local.seal(name)
        sealed.add(name)
        remember(name)
      }
      const left = new Map(
        names.map((name) => [
          name,
          desk.local.parts(name).map((part) => ({ part: part.header.part, length: part.records.length })),
        ]),
      )
      desk.down()
      desk.up()
      await desk.clock.advance(120_000)

      expect(desk.userErrors, `seed ${seed}`).toEqual([])
      expect(desk.local.names(), `seed ${seed}: everything is safe`).toEqual([])
      for (const name of names) {
        for (const { part, length } of left.get(name)!) {
          const held = desk.held(name, part)
          expect(held.length, `seed ${seed} ${name}/${part}: nothing lost`).toBeGreaterThanOrEqual(length)
          expect(held, `seed ${seed} ${name}/${part}`).toEqual(
            (truth.get(`${name}/${part}`) ?? []).slice(0, held.length),
          )
        }
      }
      await desk.replicator.stop()
    },
  )
})
