import type { HubToAgent, PartHeader, RecordingId } from '@3cx-ninja/protocol'
import type { LocalRecording } from '../recordings/recordingFile.ts'
import type { ReplicationTuning } from './tuning.ts'

export type PartRefusal = Extract<HubToAgent, { kind: 'part-refused' }>['reason']

/**
 * State of one recording on this link; its parts go in order, one at a time. idle: left as soon as the link is up and a part
 * is unsent. opening: left by the hub's position or refusal. sending: left when the part is closed and flushed. sent: left when
 * a new part begins, or by 'safe'. deferred: left at `untilMs`. A link that opens or closes makes all but deferred idle.
 */
export type ReplicaState =
  | { readonly at: 'idle' }
  /** part-open is sent, the hub's position is awaited. */
  | { readonly at: 'opening'; readonly stream: number; readonly part: number }
  | { readonly at: 'sending'; readonly stream: number; readonly part: number; readonly next: number }
  /** Everything and part-close are sent; the hub reports when the recording is safe. */
  | { readonly at: 'sent' }
  | { readonly at: 'deferred'; readonly reason: PartRefusal; readonly untilMs: number }

export interface Replica {
  readonly recordingId: RecordingId
  readonly local: LocalRecording
  readonly state: ReplicaState
  /** Per part, the records that the hub has on its disk. */
  readonly flushed: ReadonlyMap<number, number>
}

export interface Replication {
  readonly link: 'down' | 'up'
  /** Streams already used on this link. */
  readonly streams: ReadonlyMap<number, { readonly recordingId: RecordingId; readonly part: number }>
  readonly replicas: readonly Replica[]
}

export type ReplicationEvent =
  | { readonly kind: 'link-up' }
  | { readonly kind: 'link-down' }
  /** The recordings on this disk now; one that is not listed is gone. */
  | { readonly kind: 'local'; readonly recordings: readonly LocalRecording[] }
  | { readonly kind: 'position'; readonly stream: number; readonly position: number }
  | { readonly kind: 'flushed'; readonly stream: number; readonly position: number }
  | { readonly kind: 'refused'; readonly stream: number; readonly reason: PartRefusal }
  /** The shell put records up to here on the socket. */
  | { readonly kind: 'sent'; readonly stream: number; readonly next: number }
  | { readonly kind: 'safe'; readonly recordingId: RecordingId }
  /** The hub has nothing of the recording any more and must not have: on our request, or because the caller opted out. Rule R10. */
  | { readonly kind: 'erased'; readonly recordingId: RecordingId }
  /** The hub's rules changed: what they refused may be sent now. */
  | { readonly kind: 'rules' }
  | { readonly kind: 'tick' }

export type ReplicationCommand =
  | { readonly kind: 'open'; readonly stream: number; readonly header: PartHeader }
  | { readonly kind: 'close'; readonly stream: number }
  /** The local copy may or must be removed. */
  | {
      readonly kind: 'remove'
      readonly recordingId: RecordingId
      readonly why: 'safe' | 'erased' | 'opted-out'
    }
  | { readonly kind: 'report-refusal'; readonly recordingId: RecordingId; readonly reason: PartRefusal }

export interface ReplicationStep {
  readonly state: Replication
  readonly commands: readonly ReplicationCommand[]
}

interface ReplicationContext {
  readonly nowMs: number
  readonly tuning: ReplicationTuning
}

export const nothingReplicated: Replication = { link: 'down', streams: new Map(), replicas: [] }

/** Returns the next state and the commands of one event: the disk and the hub's messages in; open, close and remove out. Rules R1 to R9. */
export function stepReplication(
  state: Replication,
  event: ReplicationEvent,
  context: ReplicationContext,
): ReplicationStep {
  const moved = move(state, event, context)
  return advance(moved.state, moved.commands, context.nowMs)
}

/** Returns what to send next: the active call first, then the oldest recording; undefined when nothing waits. */
export function nextToSend(state: Replication) {
  return state.replicas
    .flatMap((replica) => {
      if (replica.state.at !== 'sending') return []
      const { stream, part, next } = replica.state
      const local = replica.local.parts.find(({ header }) => header.part === part)
      if (!local || next >= local.position) return []
      return [
        {
          recordingId: replica.recordingId,
          stream,
          part,
          next,
          position: local.position,
          live: isLive(replica),
        },
      ]
    })
    .sort((a, b) => Number(b.live) - Number(a.live) || (a.recordingId < b.recordingId ? -1 : 1))[0]
}

/** Returns when the shell must dispatch 'tick' next, monotonic; undefined when time changes nothing. */
export function nextReplicationTickMs(state: Replication): number | undefined {
  const due = state.replicas.flatMap(({ state: at }) => (at.at === 'deferred' ? [at.untilMs] : []))
  return due.length > 0 ? Math.min(...due) : undefined
}

const isLive = ({ local }: Pick<Replica, 'local'>) => local.parts.some(({ closed }) => !closed)

function move(state: Replication, event: ReplicationEvent, context: ReplicationContext): ReplicationStep {
  switch (event.kind) {
    case 'tick':
      return { state, commands: [] }
    case 'link-up':
    case 'link-down': {
      const replicas = state.replicas.map((replica) => ({
        ...replica,
        state: idleUnlessDeferred(replica.state),
      }))
      return {
        state: { link: event.kind === 'link-up' ? 'up' : 'down', streams: new Map(), replicas },
        commands: [],
      }
    }
    case 'local':
      return {
        state: { ...state, replicas: applyAll(state, event.recordings) },
        commands: closeGone(state, event.recordings),
      }
    case 'rules':
      return each(state, (replica) =>
        replica.state.at === 'deferred' && replica.state.reason === 'no-consent'
          ? { ...replica, state: { at: 'idle' } }
          : replica,
      )
    case 'position':
      return onStream(state, event.stream, (replica, part) =>
        replica.state.at === 'opening' || replica.state.at === 'sending'
          ? {
              ...replica,
              state: { at: 'sending', stream: event.stream, part, next: event.position },
              // The hub need not have flushed what it has: it reports that itself, also after each opening. Rule R3.
              flushed: new Map(replica.flushed).set(
                part,
                Math.min(replica.flushed.get(part) ?? 0, event.position),
              ),
            }
          : replica,
      )
    case 'flushed':
      // Also for a stream that is closed meanwhile: the part is the same.
      return each(state, (replica) => {
        const of = state.streams.get(event.stream)
        if (of?.recordingId !== replica.recordingId) return replica
        return { ...replica, flushed: new Map(replica.flushed).set(of.part, event.position) }
      })
    case 'sent':
      return onStream(state, event.stream, (replica) =>
        replica.state.at === 'sending'
          ? { ...replica, state: { ...replica.state, next: event.next } }
          : replica,
      )
    case 'safe':
    case 'erased': {
      const { kind: why, recordingId } = event
      const known = state.replicas.some((replica) => replica.recordingId === recordingId)
      return { state, commands: known ? [{ kind: 'remove', recordingId, why }] : [] }
    }
    case 'refused':
      return onRefusal(state, event, context)
  }
}

/** Returns the replicas with the active call first, so that it is also opened first. */
function applyAll(state: Replication, recordings: readonly LocalRecording[]): readonly Replica[] {
  return recordings
    .map((local) => applyLocal(state, local))
    .sort((a, b) => Number(isLive(b)) - Number(isLive(a)))
}

/** Closes the streams of recordings that are gone, also when their opening is not answered yet. */
function closeGone(
  { link, replicas }: Replication,
  recordings: readonly LocalRecording[],
): readonly ReplicationCommand[] {
  const here = new Set(recordings.map(({ recordingId }) => recordingId))
  return replicas.flatMap(({ recordingId, state: at }) =>
    link === 'up' && 'stream' in at && !here.has(recordingId)
      ? [{ kind: 'close' as const, stream: at.stream }]
      : [],
  )
}

function applyLocal(state: Replication, local: LocalRecording): Replica {
  const known = state.replicas.find(({ recordingId }) => recordingId === local.recordingId)
  const base = known ?? { recordingId: local.recordingId, flushed: new Map<number, number>() }
  const grown = known?.state.at === 'sent' && known.local.parts.length < local.parts.length
  return { ...base, local, state: known && !grown ? known.state : { at: 'idle' } }
}

function onRefusal(
  state: Replication,
  { stream, reason }: Extract<ReplicationEvent, { kind: 'refused' }>,
  { nowMs, tuning }: ReplicationContext,
): ReplicationStep {
  const of = state.streams.get(stream)
  const replica = state.replicas.find(({ recordingId }) => recordingId === of?.recordingId)
  if (!replica || !('stream' in replica.state) || replica.state.stream !== stream)
    return { state, commands: [] }
  const defer = (afterMs: number) =>
    onStream(state, stream, (each) => ({
      ...each,
      state: { at: 'deferred', reason, untilMs: nowMs + afterMs },
    })).state
  const { recordingId } = replica
  switch (reason) {
    case 'erased':
    case 'opted-out':
      return { state: defer(tuning.refusedMs), commands: [{ kind: 'remove', recordingId, why: reason }] }
    case 'disk-full':
      return { state: defer(tuning.diskFullMs), commands: [{ kind: 'report-refusal', recordingId, reason }] }
    case 'broken-record':
      return { state: defer(tuning.brokenMs), commands: [{ kind: 'report-refusal', recordingId, reason }] }
    case 'no-consent':
    case 'not-yours':
    case 'header-differs':
      return { state: defer(tuning.refusedMs), commands: [{ kind: 'report-refusal', recordingId, reason }] }
  }
}

/** Opens what can be opened and closes what is done. */
function advance(from: Replication, earlier: readonly ReplicationCommand[], nowMs: number): ReplicationStep {
  const commands = [...earlier]
  let streams = from.streams
  const replicas = from.replicas.map((replica) => {
    let current: Replica = replica
    if (current.state.at === 'deferred' && nowMs >= current.state.untilMs)
      current = { ...current, state: { at: 'idle' } }
    if (from.link === 'down') return current
    let part = 0
    if (current.state.at === 'sending') {
      const { stream, next, part: sent } = current.state
      const local = current.local.parts.find(({ header }) => header.part === sent)
      // Closed only once all of it is flushed: until then the hub may still ask for some of it again.
      const isOver =
        local?.closed === true && Math.min(next, current.flushed.get(sent) ?? 0) >= local.position
      if (local && !isOver) return current
      part = current.state.part
      commands.push({ kind: 'close', stream })
    } else if (current.state.at !== 'idle') return current
    const following = current.local.parts.find(({ header }) => header.part > part)
    if (!following) return { ...current, state: part > 0 ? { at: 'sent' as const } : current.state }
    const stream = freeStream(streams)
    streams = new Map(streams).set(stream, { recordingId: current.recordingId, part: following.header.part })
    commands.push({ kind: 'open', stream, header: following.header })
    return { ...current, state: { at: 'opening' as const, stream, part: following.header.part } }
  })
  return { state: { ...from, streams, replicas }, commands }
}

const LAST_STREAM = 0xffff

/** Returns a number not used on this link yet; after 65,535 parts on one link the oldest number is used again. */
function freeStream(streams: Replication['streams']): number {
  return (streams.size % LAST_STREAM) + 1
}

function idleUnlessDeferred(state: ReplicaState): ReplicaState {
  return state.at === 'deferred' ? state : { at: 'idle' }
}

function each(state: Replication, how: (replica: Replica) => Replica): ReplicationStep {
  return { state: { ...state, replicas: state.replicas.map(how) }, commands: [] }
}

/** Changes the replica whose current stream this is; an answer about an older stream changes nothing. */
function onStream(
  state: Replication,
  stream: number,
  how: (replica: Replica, part: number) => Replica,
): ReplicationStep {
  return each(state, (replica) =>
    'stream' in replica.state && replica.state.stream === stream ? how(replica, replica.state.part) : replica,
  )
}
