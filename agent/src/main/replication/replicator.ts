import {
  encodeFrame,
  type AgentToHub,
  type Clock,
  type HubToAgent,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { Recordings } from '../recordings/recordingFile.ts'
import { userError } from '../process/userError.ts'
import type { LiveTail } from './liveTail.ts'
import {
  nextReplicationTickMs,
  nextToSend,
  nothingReplicated,
  stepReplication,
  type PartRefusal,
  type Replication,
  type ReplicationCommand,
  type ReplicationEvent,
} from './replicationMachine.ts'
import { replicationTuning, type ReplicationTuning } from './tuning.ts'

export interface ReplicatorNeeds {
  readonly recordings: Recordings
  readonly tail: LiveTail
  readonly clock: Clock
  readonly tuning?: ReplicationTuning
  readonly link: {
    /** Sends a message; returns false when the link is down. */
    send(message: AgentToHub): boolean
    /** Sends a frame; returns false when the link is down. */
    sendBinary(bytes: Uint8Array): boolean
    /** Returns what waits in the socket. */
    bufferedBytes(): number
  }
  /** Called once the copy on this disk is gone. */
  readonly onRemoved: (recordingId: RecordingId, why: 'safe' | 'erased' | 'opted-out') => void
  readonly onRefused: (recordingId: RecordingId, reason: PartRefusal) => void
  readonly onUserError: (error: Error) => void
  readonly onChange: () => void
}

export type ReplicationMessage = Extract<
  HubToAgent,
  { kind: 'part-position' | 'part-refused' | 'records-flushed' | 'recording-safe' | 'recording-erased' }
>

/** A recording that is not safe on the hub yet, for the screen. */
export interface ReplicaView {
  readonly recordingId: RecordingId
  readonly records: number
  readonly flushed: number
  readonly state: Replication['replicas'][number]['state']['at']
}

export interface Replicator {
  /** Starts sending: the link to the hub is open. */
  linkUp(): void
  /** Stops sending and forgets what was read ahead; the hub names its positions again on the next link. */
  linkDown(): void
  /** Retries what the hub's rules refused: the rules changed. */
  rules(): void
  /** Applies a message of the hub; one about an older stream changes nothing. */
  received(message: ReplicationMessage): void
  /** Returns every recording on this disk with what the hub has flushed of it. */
  view(): readonly ReplicaView[]
  /** Stops sending. Resolves once no read and no removal is under way. */
  stop(): Promise<void>
}

interface ReplicatorState {
  readonly needs: ReplicatorNeeds
  readonly tuning: ReplicationTuning
  replication: Replication
  cancelTick: () => void
  cancelPoll: () => void
  pumping: Promise<void> | undefined
  /** Something changed while the pump ran: it runs once more. */
  mustPumpAgain: boolean
  stopped: boolean
  readonly removing: Set<Promise<void>>
  /** Records read ahead from disk, per stream. */
  readonly readAhead: Map<number, readonly LogRecord[]>
}

/**
 * Carries every recording on this disk to the hub and removes it once the hub has it safe. The states of a recording live in
 * `replicationMachine.ts`; this shell owns the timer, the reads and the socket's backlog. Knows nothing of calls.
 */
export function createReplicator(needs: ReplicatorNeeds): Replicator {
  const replicator: ReplicatorState = {
    needs,
    tuning: needs.tuning ?? replicationTuning,
    replication: nothingReplicated,
    cancelTick: () => undefined,
    cancelPoll: () => undefined,
    pumping: undefined,
    mustPumpAgain: false,
    stopped: false,
    removing: new Set(),
    readAhead: new Map(),
  }
  const applyLocal = () => dispatch(replicator, { kind: 'local', recordings: needs.recordings.list() })
  const stopListening = needs.recordings.onGrowth(applyLocal)
  applyLocal()
  return {
    linkUp: () => dispatch(replicator, { kind: 'link-up' }),
    linkDown() {
      replicator.readAhead.clear()
      dispatch(replicator, { kind: 'link-down' })
    },
    rules: () => dispatch(replicator, { kind: 'rules' }),
    received: (message) => dispatch(replicator, eventOf(message)),
    view: () => view(replicator.replication),
    async stop() {
      replicator.stopped = true
      stopListening()
      replicator.cancelTick()
      replicator.cancelPoll()
      await replicator.pumping
      await Promise.all(replicator.removing)
    },
  }
}

function eventOf(message: ReplicationMessage): ReplicationEvent {
  switch (message.kind) {
    case 'part-position':
      return { kind: 'position', stream: message.stream, position: message.position }
    case 'records-flushed':
      return { kind: 'flushed', stream: message.stream, position: message.position }
    case 'part-refused':
      return { kind: 'refused', stream: message.stream, reason: message.reason }
    case 'recording-safe':
      return { kind: 'safe', recordingId: message.recordingId }
    case 'recording-erased':
      return { kind: 'erased', recordingId: message.recordingId }
  }
}

function view({ replicas }: Replication): readonly ReplicaView[] {
  return replicas.map(({ recordingId, local, flushed, state }) => ({
    recordingId,
    records: local.parts.reduce((sum, { position }) => sum + position, 0),
    flushed: [...flushed.values()].reduce((sum, position) => sum + position, 0),
    state: state.at,
  }))
}

function dispatch(replicator: ReplicatorState, event: ReplicationEvent): void {
  const { needs, tuning } = replicator
  const { clock } = needs
  if (replicator.stopped) return
  const step = stepReplication(replicator.replication, event, { nowMs: clock.monotonicMs(), tuning })
  replicator.replication = step.state
  for (const command of step.commands) carryOut(replicator, command)
  replicator.cancelTick()
  const tickMs = nextReplicationTickMs(replicator.replication)
  if (tickMs !== undefined)
    replicator.cancelTick = clock.after(tickMs - clock.monotonicMs(), () =>
      dispatch(replicator, { kind: 'tick' }),
    )
  needs.onChange()
  pump(replicator)
}

function carryOut(replicator: ReplicatorState, command: ReplicationCommand): void {
  const { link, onRefused } = replicator.needs
  switch (command.kind) {
    case 'open':
      link.send({ kind: 'part-open', stream: command.stream, header: command.header })
      return
    case 'close':
      replicator.readAhead.delete(command.stream)
      link.send({ kind: 'part-close', stream: command.stream })
      return
    case 'remove':
      return remove(replicator, command.recordingId, command.why)
    case 'report-refusal':
      return onRefused(command.recordingId, command.reason)
  }
}

function remove(
  { needs, removing }: ReplicatorState,
  recordingId: RecordingId,
  why: 'safe' | 'erased' | 'opted-out',
): void {
  needs.tail.drop(recordingId)
  const work = needs.recordings
    .remove(recordingId)
    .then(
      () => needs.onRemoved(recordingId, why),
      (cause: unknown) =>
        needs.onUserError(
          userError('not-removed', `Recording ${recordingId} cannot be removed: check the disk.`, { cause }),
        ),
    )
    .finally(() => removing.delete(work))
  removing.add(work)
}

/** Runs the one pump for all recordings; after each frame it chooses the next recording again. */
function pump(replicator: ReplicatorState): void {
  const { needs, tuning } = replicator
  if (replicator.pumping) {
    replicator.mustPumpAgain = true
    return
  }
  replicator.pumping = sendAll(replicator)
    .catch((cause: unknown) => {
      needs.onUserError(userError('not-read', 'A recording cannot be read: check the disk.', { cause }))
      pumpAfter(replicator, tuning.brokenMs)
    })
    .finally(() => {
      replicator.pumping = undefined
      if (replicator.mustPumpAgain && !replicator.stopped) {
        replicator.mustPumpAgain = false
        pump(replicator)
      }
    })
}

function pumpAfter(replicator: ReplicatorState, delayMs: number): void {
  replicator.cancelPoll()
  replicator.cancelPoll = replicator.needs.clock.after(delayMs, () => pump(replicator))
}

async function sendAll(replicator: ReplicatorState): Promise<void> {
  const { link } = replicator.needs
  const { tuning } = replicator
  for (;;) {
    const next = nextToSend(replicator.replication)
    if (!next || replicator.stopped) return
    if (link.bufferedBytes() > tuning.maxBufferedBytes) return pumpAfter(replicator, tuning.pollMs)
    const records = await readRecords(replicator, next)
    const { stream } = next
    if (records.length === 0 || !isCurrent(replicator.replication, stream, next.next)) return
    if (!link.sendBinary(encodeFrame(stream, records))) return
    dispatch(replicator, { kind: 'sent', stream, next: next.next + records.length })
  }
}

function isCurrent({ link, replicas }: Replication, stream: number, from: number): boolean {
  return (
    link === 'up' &&
    replicas.some(({ state }) => state.at === 'sending' && state.stream === stream && state.next === from)
  )
}

/** Returns the next records of a part: from the live tail, else from what was read ahead, else from disk. */
async function readRecords(
  { needs, tuning, readAhead }: ReplicatorState,
  of: NonNullable<ReturnType<typeof nextToSend>>,
): Promise<readonly LogRecord[]> {
  const { recordingId, part, next: from, position: end, stream } = of
  const limit = tuning.maxRecordsPerFrame
  const fresh = needs.tail.read({ recordingId, part, from, end, limit })
  if (fresh.length > 0) return fresh
  const kept = readAhead.get(stream) ?? []
  const first = kept[0]?.sequence ?? 0
  if (kept.length > 0 && from >= first && from < first + kept.length)
    return kept.slice(from - first, from - first + limit)
  const read = await needs.recordings.read(recordingId, part, from, tuning.readRecords)
  readAhead.set(stream, read)
  return read.slice(0, limit)
}
