import { randomBytes } from 'node:crypto'
import {
  agentId,
  callId,
  recordingId,
  type AgentSettings,
  type AgentToHub,
  type Clock,
  type HubToAgent,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import {
  openRecordings,
  type Recordings,
  type RecordingWriter,
  type WriteOutcome,
} from '../../agent/src/main/recordings/recordingFile.ts'
import { createLiveTail } from '../../agent/src/main/replication/liveTail.ts'
import {
  createReplicator,
  type ReplicationMessage,
  type Replicator,
} from '../../agent/src/main/replication/replicator.ts'
import { createFakeClock } from '../../protocol/testing/fakeClock.ts'
import { createFakeDisk } from '../../recording-log/testing/fakeDisk.ts'
import { trueRecord } from '../../recording-log/testing/trueRecord.ts'
import { openRecordingStore, type RecordingStore } from '../../hub/src/recordings/recordingStore.ts'
import { createAgentReplication } from '../../hub/src/sockets/agentReplication.ts'

/** Behavior of the line between agent and hub; each share is a probability per message. */
export interface Weather {
  maxDelayMs: number
  /** Frames that arrive twice or swap with the previous one: TCP never does this, but a hub must not rely on it. */
  doubled: number
  swapped: number
}

/** An agent's process with its disk, a hub's process with its disk, and a line between them. Only disks and line are fakes. */
export interface ReplicationPair {
  readonly weather: Weather
  readonly agentDisk: ReturnType<typeof createFakeDisk>
  readonly hubDisk: ReturnType<typeof createFakeDisk>
  /** undefined while its process is dead. */
  agent(): AgentLife | undefined
  hub(): HubLife | undefined
  startAgent(): Promise<void>
  startHub(): Promise<void>
  killAgent(power?: () => number): void
  killHub(power?: () => number): void
  connect(): void
  cutLine(): void
  pass(ms: number): Promise<void>
  /** The records that the agent was given for a part, by sequence. */
  said(name: string, part: number): LogRecord[]
  /** The highest position that the hub has acknowledged for a part; keys are 'recordingId/part'. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** Marks a recording as transcribed and flushed: the hub reports it now and at each opening. */
  markSafe(id: RecordingId): void
  readonly removed: readonly string[]
  /** The requests that the hub refused, with their reasons. */
  readonly refused: readonly string[]
}
export interface AgentLife {
  readonly recordings: Recordings
  readonly writers: Map<string, RecordingWriter>
  begin(name: string): Promise<void>
  /** Appends 100 ms of both channels. */
  speak(name: string): Promise<WriteOutcome>
  seal(name: string): Promise<WriteOutcome>
  /** Seals a recording whose call has ended, as a start does. */
  sealUnfinished(name: string): Promise<void>
}
export interface HubLife {
  readonly store: RecordingStore
}

const partKey = (name: string, part: number) => `${name}/${part}`
const settings = {
  consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1, text: '' },
  country: 'FR',
  optOut: { extensions: [], numbers: [] },
} as unknown as AgentSettings // replication reads nothing else

export function createReplicationPair(random: () => number): ReplicationPair {
  const clock = createFakeClock()
  const weather: Weather = { maxDelayMs: 30, doubled: 0, swapped: 0 }
  const [agentDisk, hubDisk] = [createFakeDisk(), createFakeDisk()]
  const [agentKey, hubKey] = [createMasterKey(randomBytes(32)), createMasterKey(randomBytes(32))]
  const acknowledged = new Map<string, number>()
  const saidRecords = new Map<string, LogRecord[]>()
  const safe = new Set<RecordingId>()
  const removed: string[] = []
  const refused: string[] = []
  let agent: (AgentLife & { replicator: Replicator; die: () => void }) | undefined
  let hub: (HubLife & { die: () => void }) | undefined
  let line: ReturnType<typeof createLine> | undefined

  /** Returns a clock whose timers die with the process. */
  const mortal = () => {
    let dead = false
    const own: Clock = {
      ...clock,
      after: (delayMs, action) => clock.after(delayMs, () => (dead ? undefined : action())),
    }
    return { clock: own, die: () => void (dead = true) }
  }
  // The hub's rule: completed and sealed (a seal that the agent lost in a power cut arrives again as its own part).
  const isSafe = (store: RecordingStore, id: RecordingId) => safe.has(id) && store.state(id)?.sealed === true
  const said = (name: string, part: number) => {
    const known = saidRecords.get(partKey(name, part)) ?? []
    saidRecords.set(partKey(name, part), known)
    return known
  }

  const createLine = (store: RecordingStore, replicator: Replicator) => {
    let alive = true
    let buffered = 0
    const lane = { up: 0, down: 0 }
    const carry = (way: 'up' | 'down', act: () => void, keepOrder = true) => {
      const now = clock.monotonicMs()
      const due = Math.max(keepOrder ? lane[way] : 0, now + Math.floor(random() * weather.maxDelayMs))
      if (keepOrder) lane[way] = due
      clock.after(due - now, () => {
        if (alive) act()
      })
    }
    const replication = createAgentReplication({
      recordings: store,
      settings: () => settings,
      isSafe: (id) => isSafe(store, id),
      onRecords: () => undefined,
      extension: '201',
      send(message) {
        note(message)
        carry('down', () => replicator.received(message as ReplicationMessage)) // the hub's half sends no other message
      },
      callOf: () => undefined,
      agentId: agentId.parse('agent-of-the-pair'),
      ids: [agentId.parse('agent-of-the-pair')],
      foreign: { note: () => undefined },
      ownership: { refusalOf: () => Promise.resolve(undefined) },
      holdReading: () => () => undefined,
      erase: () => Promise.resolve(),
    })
    const streams = new Map<number, string>()
    // An acknowledgement binds the hub from this moment, received or not.
    const note = (message: HubToAgent) => {
      if (message.kind !== 'records-flushed') return
      const key = streams.get(message.stream) ?? ''
      acknowledged.set(key, Math.max(acknowledged.get(key) ?? 0, message.position))
    }
    return {
      send(message: AgentToHub) {
        if (message.kind === 'part-open')
          streams.set(message.stream, partKey(message.header.recordingId, message.header.part))
        carry('up', () => {
          if (message.kind === 'part-open') void replication.open(message.stream, message.header)
          if (message.kind === 'part-close') replication.close(message.stream)
        })
        return alive
      },
      sendBinary(bytes: Uint8Array) {
        if (!alive) return false
        buffered += bytes.length
        const copy = Uint8Array.from(bytes)
        const deliver = () => replication.frame(copy)
        carry('up', () => (buffered -= bytes.length))
        carry('up', deliver, random() >= weather.swapped)
        if (random() < weather.doubled) carry('up', deliver, false)
        return true
      },
      bufferedBytes: () => buffered,
      safe: (id: RecordingId) =>
        carry('down', () => replicator.received({ kind: 'recording-safe', recordingId: id })),
      cut() {
        alive = false
        replication.stop()
      },
    }
  }

  const cutLine = () => {
    line?.cut()
    line = undefined
    agent?.replicator.linkDown()
  }

  const pair: ReplicationPair = {
    weather,
    agentDisk,
    hubDisk,
    agent: () => agent,
    hub: () => hub,
    async startAgent() {
      const life = mortal()
      const recordings = await openRecordings({
        folder: '/recordings',
        masterKey: agentKey,
        clock: life.clock,
        fs: agentDisk.fs,
      })
      const tail = createLiveTail()
      const replicator = createReplicator({
        recordings,
        tail,
        clock: life.clock,
        link: {
          send: (message) => line?.send(message) ?? false,
          sendBinary: (bytes) => line?.sendBinary(bytes) ?? false,
          bufferedBytes: () => line?.bufferedBytes() ?? 0,
        },
        onRemoved: (id) => removed.push(id),
        onRefused: (id, reason) => refused.push(`${id}: ${reason}`),
        onUserError: () => undefined,
        onChange: () => undefined,
      })
      const writers = new Map<string, RecordingWriter>()
      const give = (name: string, records: readonly LogRecord[], act: () => Promise<WriteOutcome>) => {
        const { part } = writers.get(name)!.header
        said(name, part).push(...records)
        if (records.length > 0) tail.add(recordingId.parse(name), part, records)
        return act()
      }
      agent = {
        recordings,
        writers,
        replicator,
        die: life.die,
        async begin(name) {
          const writer = await recordings.begin({
            recordingId: recordingId.parse(name),
            callId: callId.parse(`call-of-${name}`),
            codec: 'opus',
            extension: '201',
            language: 'fr',
            consent: { basis: 'demonstration', ruleVersion: 1 },
          })
          writers.set(name, writer)
        },
        speak(name) {
          const writer = writers.get(name)!
          const { part } = writer.header
          const first = said(name, part).length
          const records = [first, first + 1].map((n) => trueRecord(name, part, n))
          const drafts = records.map(({ channel, firstSample, payload }) => ({
            kind: 'audio' as const,
            channel,
            firstSample,
            payload,
          }))
          return give(name, records, () => writer.append(drafts))
        },
        seal(name) {
          const writer = writers.get(name)!
          const all = said(name, writer.header.part)
          const seal = trueRecord(name, writer.header.part, all.length, all.length)
          return give(name, all.at(-1)?.kind === 'sealed' ? [] : [seal], () => writer.seal())
        },
        async sealUnfinished(name) {
          const id = recordingId.parse(name)
          const parts = recordings.list().find((each) => each.recordingId === id)?.parts ?? []
          const part = Math.max(0, ...parts.map(({ header }) => header.part)) + 1
          said(name, part).splice(0, Infinity, trueRecord(name, part, 0, 0))
          await recordings.sealUnfinished(id)
        },
      }
    },
    async startHub() {
      const life = mortal()
      const store = await openRecordingStore({
        folder: '/hub',
        masterKey: hubKey,
        clock: life.clock,
        fs: hubDisk.fs,
        tuning: { checkpointEveryMs: 200, segmentBytes: 20_000, segmentMs: 1_500, closeIdleMs: 500 },
      })
      hub = { store, die: life.die }
    },
    killAgent(power) {
      if (power) agentDisk.cutPower(power)
      else agentDisk.kill()
      agent?.die()
      cutLine()
      void agent?.replicator.stop()
      agent = undefined
    },
    killHub(power) {
      if (power) hubDisk.cutPower(power)
      else hubDisk.kill()
      hub?.die()
      hub = undefined
      cutLine()
    },
    connect() {
      if (!hub || !agent) return
      cutLine()
      line = createLine(hub.store, agent.replicator)
      agent.replicator.linkUp()
    },
    cutLine,
    pass: (ms) => clock.advance(ms),
    said,
    acknowledged,
    markSafe(id) {
      safe.add(id)
      line?.safe(id)
    },
    removed,
    refused,
  }
  return pair
}
