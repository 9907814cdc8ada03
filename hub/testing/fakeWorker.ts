import {
  CHANNELS,
  SAMPLE_RATE_HZ,
  SAMPLES_PER_RECORD,
  decodeFrame,
  hubToWorker,
  leaseId as leaseIdSchema,
  openLink,
  utteranceId,
  type Channel,
  type Clock,
  type HubToWorker,
  type Lease,
  type LeaseId,
  type Link,
  type LogRecord,
  type WorkerToHub,
} from '@3cx-ninja/protocol'
import { connectSocket, type SocketAddress } from '@3cx-ninja/node-kit/connectSocket.ts'

/** How this worker behaves; may be changed while it runs. */
export interface FakeWorkerManners {
  places: number
  /** Audio records of one channel that make one final: 10 are one second. */
  recordsPerFinal: number
  /** Says nothing of what it takes in: the window fills. */
  stalled: boolean
  /** Reads and answers nothing, as a stopped process does: what arrives waits in its socket and is read when it wakes. */
  frozen: boolean
  declines: boolean
}

export interface FakeWorker {
  readonly manners: FakeWorkerManners
  /** What the hub said, in order. */
  readonly heard: readonly HubToWorker[]
  readonly leases: () => readonly Lease[]
  /** Records received per lease. */
  received(leaseId: LeaseId): number
  /** After welcome: tells its places. Leases from before stay until the hub revokes them or they run out. */
  attached(): void
  message(message: HubToWorker): void
  binary(frame: Uint8Array): void
  /** Gives one lease back, as a draining worker does. */
  giveBack(leaseId: LeaseId): void
  stop(): void
}

interface Holding {
  readonly lease: Lease
  readonly streams: Map<number, number>
  readonly words: Record<Channel, { part: number; fromSample: number; toSample: number; texts: string[] }>
  untilMs: number
  said: number
  records: number
  over: boolean
}

const msOf = (sample: number) => Math.round((sample * 1_000) / SAMPLE_RATE_HZ)

/**
 * A worker that speaks the protocol and "understands" test recordings: the payload of an audio record is its text, so
 * that a transcript shows by itself whether anything was lost or doubled.
 */
export function createFakeWorker(needs: {
  readonly clock: Clock
  readonly send: (message: WorkerToHub) => void
  readonly manners?: Partial<FakeWorkerManners>
  readonly name?: string
  readonly onHeard?: (message: HubToWorker) => void
}): FakeWorker {
  const { clock } = needs
  const { frozen: startsFrozen = false, ...others } = needs.manners ?? {}
  let frozen = startsFrozen
  const unread: (() => void)[] = []
  const manners: FakeWorkerManners = {
    places: 4,
    recordsPerFinal: 10,
    stalled: false,
    declines: false,
    ...others,
    get frozen() {
      return frozen
    },
    set frozen(next) {
      frozen = next
      while (!frozen && unread.length > 0) unread.shift()?.()
    },
  }
  const read = (act: () => void) => {
    if (stopped) return
    if (frozen) unread.push(act)
    else act()
  }
  const heard: HubToWorker[] = []
  const holdings = new Map<LeaseId, Holding>()
  const counts = new Map<LeaseId, number>()
  let stopped = false
  const send = (message: WorkerToHub) => {
    if (!frozen && !stopped) needs.send(message)
  }

  const drop = (leaseId: LeaseId) => {
    const holding = holdings.get(leaseId)
    if (holding) holding.over = true
    holdings.delete(leaseId)
  }
  const keep = (holding: Holding) => {
    const { leaseId, fence, ttlMs } = holding.lease
    clock.after(ttlMs / 4, () => {
      if (holding.over || stopped) return
      if (clock.monotonicMs() >= holding.untilMs) return drop(leaseId)
      send({ kind: 'lease-renew', leaseId, fence })
      keep(holding)
    })
  }

  const say = (holding: Holding, channel: Channel, state: 'partial' | 'final') => {
    const { lease } = holding
    const { part, fromSample, toSample, texts } = holding.words[channel]
    if (texts.length === 0) return
    const utterance = {
      utteranceId: utteranceId.parse(`${lease.leaseId}-${channel}-${holding.said}`),
      recordingId: lease.recordingId,
      channel,
      part,
      state,
      fromMs: msOf(fromSample),
      toMs: msOf(toSample),
      text: texts.join(' '),
      words: [],
    }
    send({ kind: 'utterance', leaseId: lease.leaseId, fence: lease.fence, utterance, lagMs: 100 })
    if (state === 'partial') return
    holding.said += 1
    holding.words[channel] = { part, fromSample: toSample, toSample, texts: [] }
  }

  const take = (holding: Holding, part: number, record: LogRecord) => {
    if (record.kind !== 'audio') return
    const { channel, firstSample } = record
    const resume = holding.lease.resume[channel]
    if (resume && (part < resume.part || (part === resume.part && msOf(firstSample) < resume.toMs))) return
    const words = holding.words[channel]
    if (words.texts.length === 0) Object.assign(words, { part, fromSample: firstSample })
    words.texts.push(Buffer.from(record.payload).toString('utf8'))
    words.toSample = firstSample + SAMPLES_PER_RECORD
    if (words.texts.length >= manners.recordsPerFinal) say(holding, channel, 'final')
    else if (words.texts.length === Math.ceil(manners.recordsPerFinal / 2)) say(holding, channel, 'partial')
  }

  const receive = (message: HubToWorker) => {
    switch (message.kind) {
      case 'lease-offer': {
        const { lease } = message
        const { leaseId } = lease
        if (manners.declines) return send({ kind: 'lease-decline', leaseId, reason: 'declines for a test' })
        const empty = () => ({ part: 1, fromSample: 0, toSample: 0, texts: [] })
        const holding: Holding = {
          lease,
          streams: new Map(),
          words: { agent: empty(), caller: empty() },
          untilMs: clock.monotonicMs() + lease.ttlMs,
          said: 0,
          records: 0,
          over: false,
        }
        holdings.set(leaseId, holding)
        send({ kind: 'lease-accept', leaseId })
        return keep(holding)
      }
      case 'lease-renewed': {
        const holding = holdings.get(message.leaseId)
        if (holding) holding.untilMs = clock.monotonicMs() + message.ttlMs
        return
      }
      case 'lease-revoked':
        return drop(message.leaseId)
      case 'part-follows':
        return void holdings.get(message.leaseId)?.streams.set(message.stream, message.header.part)
      case 'part-ends': {
        const holding = holdings.get(message.leaseId)
        if (!holding) return
        for (const channel of CHANNELS) say(holding, channel, 'final')
        const { leaseId, part, position } = message
        if (!message.last) return send({ kind: 'records-acknowledged', leaseId, part, position })
        send({ kind: 'lease-done', leaseId: message.leaseId, fence: holding.lease.fence })
        return drop(message.leaseId)
      }
    }
  }

  const readFrame = (frame: Uint8Array) => {
    const decoded = decodeFrame(frame)
    if (!decoded.ok) throw new Error(`the hub sent a broken frame: ${decoded.fault}`)
    for (const holding of [...holdings.values()]) {
      const part = holding.streams.get(decoded.stream)
      if (part === undefined) continue
      const { leaseId } = holding.lease
      for (const record of decoded.records) take(holding, part, record)
      counts.set(leaseId, (counts.get(leaseId) ?? 0) + decoded.records.length)
      const position = (decoded.records.at(-1)?.sequence ?? -1) + 1
      if (!manners.stalled) send({ kind: 'records-acknowledged', leaseId, part, position })
    }
  }

  return {
    manners,
    heard,
    leases: () => [...holdings.values()].map(({ lease }) => lease),
    received: (leaseId) => counts.get(leaseId) ?? 0,
    attached: () =>
      send({
        kind: 'worker-offer',
        name: needs.name ?? 'fake worker',
        slots: manners.places,
        engine: 'fake',
        model: 'none',
        device: 'test',
        decoders: 1,
        speed: 10,
      }),
    message(message) {
      read(() => {
        heard.push(message)
        receive(message)
        needs.onHeard?.(message)
      })
    },
    binary: (frame) => read(() => readFrame(frame)),
    giveBack(leaseId) {
      const holding = holdings.get(leaseId)
      if (holding) send({ kind: 'lease-return', leaseId, fence: holding.lease.fence, reason: 'draining' })
      drop(leaseId)
    },
    stop() {
      stopped = true
      for (const id of [...holdings.keys()]) drop(leaseIdSchema.parse(id))
    },
  }
}

export interface ConnectedWorker extends FakeWorker {
  readonly link: Link<WorkerToHub>
}

/** The same worker on a real socket. It reconnects by itself until stopped. */
export function connectFakeWorker(needs: {
  readonly address: Pick<SocketAddress, 'hub' | 'token' | 'ca'>
  readonly clock: Clock
  readonly manners?: Partial<FakeWorkerManners>
  readonly name?: string
  readonly onHeard?: (message: HubToWorker) => void
}): ConnectedWorker {
  const worker = createFakeWorker({ ...needs, send: (message) => void link.send(message) })
  const link: Link<WorkerToHub> = openLink<HubToWorker, WorkerToHub>({
    connect: (on) => connectSocket({ ...needs.address, path: '/link/worker' }, on),
    hello: { role: 'worker', version: 'test' },
    incoming: hubToWorker,
    clock: needs.clock,
    random: () => 0.5,
    onMessage: worker.message,
    onBinary: worker.binary,
    onState(state) {
      if (state.at === 'open') worker.attached()
    },
  })
  return {
    ...worker,
    link,
    stop() {
      worker.stop()
      link.stop()
    },
  }
}
