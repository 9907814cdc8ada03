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

/** How the fake worker behaves; a test may change it while the worker runs. */
export interface FakeWorkerBehavior {
  slots: number
  /** Audio records of one channel that make one final: 10 are one second. */
  recordsPerFinal: number
  /** Acknowledges no records: the window fills. */
  stalled: boolean
  /** Says with each renewal that work waits in it, as a slow worker does. */
  behind: boolean
  /** Reads and answers nothing, as a stopped process does: messages wait in the socket and are read when it wakes. */
  frozen: boolean
  declines: boolean
}

export interface FakeWorker {
  readonly behavior: FakeWorkerBehavior
  /** The messages of the hub, in order. */
  readonly messages: readonly HubToWorker[]
  readonly leases: () => readonly Lease[]
  /** Records received per lease. */
  recordsReceived(leaseId: LeaseId): number
  /** Sends the worker's offer, after welcome. Earlier leases stay until the hub revokes them or they expire. */
  sendOffer(): void
  message(message: HubToWorker): void
  binary(frame: Uint8Array): void
  /** Returns one lease, as a draining worker does. */
  returnLease(leaseId: LeaseId): void
  stop(): void
}

interface FakeLease {
  readonly lease: Lease
  readonly streams: Map<number, number>
  readonly words: Record<Channel, { part: number; fromSample: number; toSample: number; texts: string[] }>
  untilMs: number
  finals: number
  records: number
  over: boolean
}

const msOf = (sample: number) => Math.round((sample * 1_000) / SAMPLE_RATE_HZ)

/**
 * Creates a worker that speaks the protocol and transcribes test recordings: the payload of an audio record is its text, so
 * a transcript shows by itself whether anything was lost or doubled.
 */
export function createFakeWorker(needs: {
  readonly clock: Clock
  readonly send: (message: WorkerToHub) => void
  readonly behavior?: Partial<FakeWorkerBehavior>
  readonly name?: string
  readonly onReceived?: (message: HubToWorker) => void
}): FakeWorker {
  const { clock } = needs
  const { frozen: startsFrozen = false, ...others } = needs.behavior ?? {}
  let frozen = startsFrozen
  const unread: (() => void)[] = []
  const behavior: FakeWorkerBehavior = {
    slots: 4,
    recordsPerFinal: 10,
    stalled: false,
    behind: false,
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
  const whenAwake = (act: () => void) => {
    if (stopped) return
    if (frozen) unread.push(act)
    else act()
  }
  const messages: HubToWorker[] = []
  const heldLeases = new Map<LeaseId, FakeLease>()
  const counts = new Map<LeaseId, number>()
  let stopped = false
  const send = (message: WorkerToHub) => {
    if (!frozen && !stopped) needs.send(message)
  }

  const drop = (leaseId: LeaseId) => {
    const held = heldLeases.get(leaseId)
    if (held) held.over = true
    heldLeases.delete(leaseId)
  }
  const renew = (held: FakeLease) => {
    const { leaseId, fence, ttlMs } = held.lease
    clock.after(ttlMs / 4, () => {
      if (held.over || stopped) return
      if (clock.monotonicMs() >= held.untilMs) return drop(leaseId)
      send({ kind: 'lease-renew', leaseId, fence, ...(behavior.behind ? { behindMs: 9_000 } : {}) })
      renew(held)
    })
  }

  const sendUtterance = (held: FakeLease, channel: Channel, state: 'partial' | 'final') => {
    const { lease } = held
    const { part, fromSample, toSample, texts } = held.words[channel]
    if (texts.length === 0) return
    const utterance = {
      utteranceId: utteranceId.parse(`${lease.leaseId}-${channel}-${held.finals}`),
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
    held.finals += 1
    held.words[channel] = { part, fromSample: toSample, toSample, texts: [] }
  }

  const transcribe = (held: FakeLease, part: number, record: LogRecord) => {
    if (record.kind !== 'audio') return
    const { channel, firstSample } = record
    const resume = held.lease.resume[channel]
    if (resume && (part < resume.part || (part === resume.part && msOf(firstSample) < resume.toMs))) return
    const words = held.words[channel]
    if (words.texts.length === 0) Object.assign(words, { part, fromSample: firstSample })
    words.texts.push(Buffer.from(record.payload).toString('utf8'))
    words.toSample = firstSample + SAMPLES_PER_RECORD
    if (words.texts.length >= behavior.recordsPerFinal) sendUtterance(held, channel, 'final')
    else if (words.texts.length === Math.ceil(behavior.recordsPerFinal / 2))
      sendUtterance(held, channel, 'partial')
  }

  const receive = (message: HubToWorker) => {
    switch (message.kind) {
      case 'lease-offer': {
        const { lease } = message
        const { leaseId } = lease
        if (behavior.declines) return send({ kind: 'lease-decline', leaseId, reason: 'declines for a test' })
        const empty = () => ({ part: 1, fromSample: 0, toSample: 0, texts: [] })
        const held: FakeLease = {
          lease,
          streams: new Map(),
          words: { agent: empty(), caller: empty() },
          untilMs: clock.monotonicMs() + lease.ttlMs,
          finals: 0,
          records: 0,
          over: false,
        }
        heldLeases.set(leaseId, held)
        send({ kind: 'lease-accept', leaseId })
        return renew(held)
      }
      case 'lease-renewed': {
        const held = heldLeases.get(message.leaseId)
        if (held) held.untilMs = clock.monotonicMs() + message.ttlMs
        return
      }
      case 'lease-revoked':
        return drop(message.leaseId)
      case 'part-follows':
        return void heldLeases.get(message.leaseId)?.streams.set(message.stream, message.header.part)
      case 'part-ends': {
        const held = heldLeases.get(message.leaseId)
        if (!held) return
        for (const channel of CHANNELS) sendUtterance(held, channel, 'final')
        const { leaseId, part, position } = message
        if (!message.last) return send({ kind: 'records-acknowledged', leaseId, part, position })
        send({ kind: 'lease-done', leaseId: message.leaseId, fence: held.lease.fence })
        return drop(message.leaseId)
      }
    }
  }

  const readFrame = (frame: Uint8Array) => {
    const decoded = decodeFrame(frame)
    if (!decoded.ok) throw new Error(`the hub sent a broken frame: ${decoded.fault}`)
    for (const held of [...heldLeases.values()]) {
      const part = held.streams.get(decoded.stream)
      if (part === undefined) continue
      const { leaseId } = held.lease
      for (const record of decoded.records) transcribe(held, part, record)
      counts.set(leaseId, (counts.get(leaseId) ?? 0) + decoded.records.length)
      const position = (decoded.records.at(-1)?.sequence ?? -1) + 1
      if (!behavior.stalled) send({ kind: 'records-acknowledged', leaseId, part, position })
    }
  }

  return {
    behavior,
    messages,
    leases: () => [...heldLeases.values()].map(({ lease }) => lease),
    recordsReceived: (leaseId) => counts.get(leaseId) ?? 0,
    sendOffer: () =>
      send({
        kind: 'worker-offer',
        name: needs.name ?? 'fake worker',
        slots: behavior.slots,
        engine: 'fake',
        model: 'none',
        device: 'test',
        decoders: 1,
        speed: 10,
      }),
    message(message) {
      whenAwake(() => {
        messages.push(message)
        receive(message)
        needs.onReceived?.(message)
      })
    },
    binary: (frame) => whenAwake(() => readFrame(frame)),
    returnLease(leaseId) {
      const held = heldLeases.get(leaseId)
      if (held) send({ kind: 'lease-return', leaseId, fence: held.lease.fence, reason: 'draining' })
      drop(leaseId)
    },
    stop() {
      stopped = true
      for (const id of [...heldLeases.keys()]) drop(leaseIdSchema.parse(id))
    },
  }
}

export interface ConnectedWorker extends FakeWorker {
  readonly link: Link<WorkerToHub>
}

/** Connects the same worker over a real socket; it reconnects by itself until stopped. */
export function connectFakeWorker(needs: {
  readonly address: Pick<SocketAddress, 'hub' | 'token' | 'ca'>
  readonly clock: Clock
  readonly behavior?: Partial<FakeWorkerBehavior>
  readonly name?: string
  readonly onReceived?: (message: HubToWorker) => void
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
      if (state.at === 'open') worker.sendOffer()
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
