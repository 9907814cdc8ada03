import type { Clock } from '@3cx-ninja/protocol'
import { createParticipantFetcher, type ParticipantFetcher } from './participantFetcher.ts'
import type { PbxEvent } from './pbxLegs.ts'
import { readFrame, readParticipant, readSnapshot, type Snapshot } from './participant.ts'
import type { PbxAccess } from './pbxAccess.ts'
import { pbxErrorOfStatus, type PbxError } from './pbxError.ts'
import { MAX_LIST_BYTES, type CallControlTuning } from './tuning.ts'

/** One open socket to the PBX with the requests that go with it. A new socket gets a new connection. */
export interface PbxConnection {
  /** Applies one frame of the socket; frames before the first list are kept until the list is applied. */
  readonly onFrame: (text: string) => void
  /** Fetches lists until that makes no sense any more; resolves with the reason. To be called once the socket is open. */
  readonly run: () => Promise<PbxError>
  /** Cancels every request and timer; nothing is applied afterwards. */
  readonly stop: () => void
}

/** What a connection works on, and the receivers of what it finds. */
export interface PbxConnectionNeeds {
  readonly access: PbxAccess
  readonly clock: Clock
  readonly tuning: CallControlTuning
  /** The client's own route point, whose calls belong to no technician. */
  readonly clientId: string
  readonly step: (event: PbxEvent) => void
  /** Called after each list that was applied. */
  readonly onListed: (listed: { readonly isFirst: boolean; readonly extensions: readonly string[] }) => void
}

/** At most so many participants with frames before the first list are kept; the list shows whatever else there was. */
const MAX_EARLY = 10_000

interface Connection extends PbxConnectionNeeds {
  readonly stopping: AbortController
  readonly fetcher: ParticipantFetcher
  /** Participants with frames before the first list. */
  readonly earlyEvents: Map<string, { readonly extension: string; readonly id: number }>
  lastSnapshot: Snapshot | undefined
  failures: number
  list: { readonly at: 'none' } | { readonly at: 'under-way'; wantsAnother: boolean }
  listedMs: number
  cancelNext: () => void
  finish: (pbxError: PbxError) => void
  /** Participants with events that came while a list was under way: they are newer than the list. */
  newerIds: Set<string>
}

/**
 * Creates the connection over one socket: its frames, single participants fetched after events, and all of them in a list.
 * Returns it idle; `run` starts the lists. Knows nothing of pauses and retries: those live in callControl.ts.
 */
export function createPbxConnection(needs: PbxConnectionNeeds): PbxConnection {
  const { clock, tuning } = needs
  const stopping = new AbortController()
  const connection: Connection = {
    ...needs,
    stopping,
    fetcher: createParticipantFetcher({
      clock,
      tuning,
      onTooMany: () => scheduleList(connection),
      fetch: (ref) => fetchParticipant(needs, ref, stopping.signal),
    }),
    earlyEvents: new Map(),
    lastSnapshot: undefined,
    failures: 0,
    list: { at: 'none' },
    listedMs: -Infinity,
    cancelNext: () => undefined,
    finish: () => undefined,
    newerIds: new Set(),
  }
  return {
    onFrame: (text) => receiveFrame(connection, text),
    run: () =>
      new Promise((resolve) => {
        connection.finish = resolve
        void fetchList(connection)
      }),
    stop() {
      stopping.abort()
      connection.cancelNext()
      connection.fetcher.stop()
    },
  }
}

const isStopped = ({ stopping }: Connection) => stopping.signal.aborted

/** Resolves with how to apply the answer. */
async function fetchParticipant(
  { access, step }: PbxConnectionNeeds,
  { extension, id }: { readonly extension: string; readonly id: number },
  signal: AbortSignal,
): Promise<() => void> {
  const path = `/callcontrol/${encodeURIComponent(extension)}/participants/${id}`
  const answer = await access.get(path, { signal })
  if (answer.kind === 'failed') return () => undefined // the next list shows it
  if (answer.status === 404) return () => step({ kind: 'gone', extension, id })
  const part = answer.status === 200 ? readParticipant(answer.body, extension) : undefined
  return () => {
    if (part?.id === id) step({ kind: 'seen', part })
  }
}

function listAfter(connection: Connection, delayMs: number): void {
  connection.cancelNext()
  if (isStopped(connection)) return
  connection.cancelNext = connection.clock.after(Math.max(0, delayMs), () => void fetchList(connection))
}

/** Fetches a list soon, or right after the one that is under way. */
function scheduleList(connection: Connection): void {
  const { clock, list, listedMs, tuning } = connection
  if (list.at === 'under-way') list.wantsAnother = true
  else listAfter(connection, listedMs + tuning.listsApartMs - clock.monotonicMs())
}

async function fetchList(connection: Connection): Promise<void> {
  if (isStopped(connection) || connection.list.at === 'under-way') return
  const { access, clock, fetcher, stopping } = connection
  const current = { at: 'under-way' as const, wantsAnother: false }
  connection.list = current
  connection.listedMs = clock.monotonicMs()
  connection.newerIds = new Set()
  fetcher.clear()
  const answer = await access.get('/callcontrol', { maxBytes: MAX_LIST_BYTES, signal: stopping.signal })
  if (isStopped(connection)) return
  connection.list = { at: 'none' }
  const snapshot = answer.kind === 'answer' && answer.status === 200 ? readSnapshot(answer.body) : undefined
  if (snapshot) applyList(connection, snapshot)
  else fail(connection, pbxErrorOfList(answer))
  if (snapshot && current.wantsAnother) scheduleList(connection)
}

function applyList(connection: Connection, snapshot: Snapshot): void {
  const { earlyEvents, newerIds } = connection
  connection.failures = 0
  const isFirst = connection.lastSnapshot === undefined
  connection.lastSnapshot = snapshot
  const isListed = (extension: string) => isExtension(connection, extension)
  connection.step({
    kind: 'listed',
    snapshot: {
      ...snapshot,
      participants: snapshot.participants.filter(({ extension }) => isListed(extension)),
    },
    isNewer: (extension, id) => newerIds.has(`${extension}/${id}`),
    isAfterGap: isFirst,
  })
  listAfter(connection, connection.tuning.watchdogMs)
  for (const { extension, id } of earlyEvents.values()) follow(connection, extension, id)
  earlyEvents.clear()
  connection.onListed({ isFirst, extensions: [...snapshot.numbers.keys()].filter(isListed) })
}

function fail(connection: Connection, pbxError: PbxError): void {
  const { lastSnapshot, tuning } = connection
  connection.failures += 1
  if (!lastSnapshot || connection.failures >= tuning.failedLists) connection.finish(pbxError)
  else listAfter(connection, tuning.listsApartMs)
}

/** false for a route point and a queue: their participants are no technicians. */
function isExtension({ clientId, lastSnapshot }: Connection, number: string): boolean {
  return number !== clientId && ['', 'Wextension'].includes(lastSnapshot?.numbers.get(number) ?? 'not listed')
}

function follow(connection: Connection, extension: string, id: number): void {
  const { earlyEvents, lastSnapshot } = connection
  if (!lastSnapshot) {
    if (earlyEvents.size < MAX_EARLY) earlyEvents.set(`${extension}/${id}`, { extension, id })
  } else if (!lastSnapshot.numbers.has(extension))
    scheduleList(connection) // an extension that was added to the client just now
  else if (isExtension(connection, extension)) connection.fetcher.request(extension, id)
}

function receiveFrame(connection: Connection, text: string): void {
  const frame = readFrame(text)
  if (!frame || isStopped(connection)) return
  const { extension, id } = frame
  const key = `${extension}/${id}`
  connection.newerIds.add(key)
  const isUsable = connection.lastSnapshot !== undefined && isExtension(connection, extension)
  if (frame.kind === 'upsert' && !(frame.embedded && isUsable)) return follow(connection, extension, id)
  connection.fetcher.forget(extension, id)
  connection.earlyEvents.delete(key)
  if (frame.kind === 'remove' || !frame.embedded) connection.step({ kind: 'gone', extension, id })
  else connection.step({ kind: 'seen', part: frame.embedded })
}

/** Returns the error of an answer that is no list of extensions. */
export function pbxErrorOfList(answer: Awaited<ReturnType<PbxAccess['get']>>): PbxError {
  if (answer.kind === 'failed') return answer.pbxError
  if (answer.status !== 200) return pbxErrorOfStatus(answer.status, answer.isHtml)
  return answer.isHtml
    ? { code: 'no-call-control', detail: 'answered with a page' }
    : { code: 'unexpected-answer', detail: 'answered no list of extensions' }
}
