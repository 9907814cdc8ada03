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
    send(message: AgentToHub): boolean
    sendBinary(bytes: Uint8Array): boolean
    bufferedBytes(): number
  }
  /** The copy on this disk is gone. */
  readonly onRemoved: (recordingId: RecordingId, why: 'safe' | 'erased' | 'opted-out') => void
  readonly onRefused: (recordingId: RecordingId, reason: PartRefusal) => void
  readonly onUserError: (trouble: Error) => void
  readonly onChange: () => void
}

export type ReplicationMessage = Extract<
  HubToAgent,
  { kind: 'part-position' | 'part-refused' | 'records-flushed' | 'recording-safe' | 'recording-erased' }
>

/** What a person may want to know of a recording that is not safe yet. */
export interface ReplicaView {
  readonly recordingId: RecordingId
  readonly records: number
  readonly flushed: number
  readonly state: Replication['replicas'][number]['state']['at']
}

export interface Replicator {
  linkUp(): void
  linkDown(): void
  /** The hub's rules changed. */
  rules(): void
  received(message: ReplicationMessage): void
  view(): readonly ReplicaView[]
  stop(): Promise<void>
}

/** Carries every recording on this disk to the hub, and removes it once the hub has it safe. */
export function createReplicator(needs: ReplicatorNeeds): Replicator {
  const { recordings, tail, clock, link, tuning = replicationTuning } = needs
  let state: Replication = nothingReplicated
  let cancelTick: () => void = () => undefined
  let cancelPoll: () => void = () => undefined
  let pumping: Promise<void> | undefined
  let again = false
  let stopped = false
  const removing = new Set<Promise<void>>()
  /** What was read ahead from disk, per stream. */
  const readAhead = new Map<number, readonly LogRecord[]>()

  const dispatch = (event: ReplicationEvent) => {
    if (stopped) return
    const step = stepReplication(state, event, { nowMs: clock.monotonicMs(), tuning })
    state = step.state
    for (const command of step.commands) carryOut(command)
    cancelTick()
    const tickMs = nextReplicationTickMs(state)
    if (tickMs !== undefined)
      cancelTick = clock.after(tickMs - clock.monotonicMs(), () => dispatch({ kind: 'tick' }))
    needs.onChange()
    pump()
  }

  const carryOut = (command: ReplicationCommand) => {
    switch (command.kind) {
      case 'open':
        link.send({ kind: 'part-open', stream: command.stream, header: command.header })
        return
      case 'close':
        readAhead.delete(command.stream)
        link.send({ kind: 'part-close', stream: command.stream })
        return
      case 'remove':
        return remove(command.recordingId, command.why)
      case 'report-refusal':
        return needs.onRefused(command.recordingId, command.reason)
    }
  }

  const remove = (recordingId: RecordingId, why: 'safe' | 'erased' | 'opted-out') => {
    tail.drop(recordingId)
    const work = recordings
      .remove(recordingId)
      .then(
        () => needs.onRemoved(recordingId, why),
        (cause: unknown) =>
          needs.onUserError(
            userError('not-removed', `Recording ${recordingId} cannot be removed: check the disk.`, {
              cause,
            }),
          ),
      )
      .finally(() => removing.delete(work))
    removing.add(work)
  }

  // One pump for all recordings: after each frame it asks again who is first.
  const pump = () => {
    if (pumping) {
      again = true
      return
    }
    pumping = send()
      .catch((cause: unknown) => {
        needs.onUserError(userError('not-read', 'A recording cannot be read: check the disk.', { cause }))
        cancelPoll()
        cancelPoll = clock.after(tuning.brokenMs, pump)
      })
      .finally(() => {
        pumping = undefined
        if (again && !stopped) {
          again = false
          pump()
        }
      })
  }

  const send = async () => {
    for (let next = nextToSend(state); next && !stopped; next = nextToSend(state)) {
      if (link.bufferedBytes() > tuning.maxBufferedBytes) {
        cancelPoll()
        cancelPoll = clock.after(tuning.pollMs, pump)
        return
      }
      const records = await take(next)
      const { stream } = next
      if (records.length === 0 || !isCurrent(stream, next.next)) return
      if (!link.sendBinary(encodeFrame(stream, records))) return
      dispatch({ kind: 'sent', stream, next: next.next + records.length })
    }
  }
  const isCurrent = (stream: number, from: number) =>
    state.link === 'up' &&
    state.replicas.some(({ state: at }) => at.at === 'sending' && at.stream === stream && at.next === from)

  const take = async (of: NonNullable<ReturnType<typeof nextToSend>>): Promise<readonly LogRecord[]> => {
    const { recordingId, part, next: from, position: before, stream } = of
    const limit = tuning.maxRecordsPerFrame
    const fresh = tail.read({ recordingId, part, from, before, limit })
    if (fresh.length > 0) return fresh
    const kept = readAhead.get(stream) ?? []
    const first = kept[0]?.sequence ?? 0
    if (kept.length > 0 && from >= first && from < first + kept.length)
      return kept.slice(from - first, from - first + limit)
    const read = await recordings.read(recordingId, part, from, tuning.readRecords)
    readAhead.set(stream, read)
    return read.slice(0, limit)
  }

  const takeLocal = () => dispatch({ kind: 'local', recordings: recordings.list() })
  const stopListening = recordings.onGrowth(takeLocal)
  takeLocal()

  return {
    linkUp: () => dispatch({ kind: 'link-up' }),
    linkDown() {
      readAhead.clear()
      dispatch({ kind: 'link-down' })
    },
    rules: () => dispatch({ kind: 'rules' }),
    received(message) {
      switch (message.kind) {
        case 'part-position':
          return dispatch({ kind: 'position', stream: message.stream, position: message.position })
        case 'records-flushed':
          return dispatch({ kind: 'flushed', stream: message.stream, position: message.position })
        case 'part-refused':
          return dispatch({ kind: 'refused', stream: message.stream, reason: message.reason })
        case 'recording-safe':
          return dispatch({ kind: 'safe', recordingId: message.recordingId })
        case 'recording-erased':
          return dispatch({ kind: 'erased', recordingId: message.recordingId })
      }
    },
    view: () =>
      state.replicas.map(({ recordingId, local, flushed, state: at }) => ({
        recordingId,
        records: local.parts.reduce((sum, { position }) => sum + position, 0),
        flushed: [...flushed.values()].reduce((sum, position) => sum + position, 0),
        state: at.at,
      })),
    async stop() {
      stopped = true
      stopListening()
      cancelTick()
      cancelPoll()
      await pumping
      await Promise.all(removing)
    },
  }
}
