import type { Clock } from '@3cx-ninja/protocol'
import { createParticipantFetcher } from './participantFetcher.ts'
import type { PbxEvent } from './pbxLegs.ts'
import { readFrame, readParticipant, readSnapshot, type Snapshot } from './participant.ts'
import type { PbxAccess } from './pbxAccess.ts'
import { pbxErrorOfStatus, type PbxError } from './pbxError.ts'
import { MAX_LIST_BYTES, type CallControlTuning } from './tuning.ts'

export interface PbxConnection {
  readonly onFrame: (text: string) => void
  /** Lists, and lists again; resolves, with why, when that makes no sense any more. The socket is open. */
  readonly run: () => Promise<PbxError>
  readonly stop: () => void
}

export interface PbxConnectionNeeds {
  readonly access: PbxAccess
  readonly clock: Clock
  readonly tuning: CallControlTuning
  /** The client's own route point, whose calls are nobody's. */
  readonly clientId: string
  readonly step: (event: PbxEvent) => void
  /** The list was taken in. */
  readonly onListed: (listed: { readonly isFirst: boolean; readonly extensions: readonly string[] }) => void
}

/** Frames that come before the first list; it shows whatever else there was. */
const MAX_EARLY = 10_000

/** What is heard on one socket, and asked beside it: participants one by one, all of them in a list. */
export function createPbxConnection(needs: PbxConnectionNeeds): PbxConnection {
  const { access, clock, tuning, step } = needs
  const stopping = new AbortController()
  const isStopped = () => stopping.signal.aborted
  const earlyEvents = new Map<string, { readonly extension: string; readonly id: number }>()
  let lastSnapshot: Snapshot | undefined
  let failures = 0
  let list: { readonly at: 'none' } | { readonly at: 'under-way'; wantsAnother: boolean } = { at: 'none' }
  let listedMs = -Infinity
  let cancelNext: () => void = () => undefined
  let finish: (pbxError: PbxError) => void = () => undefined
  /** Of which events came while a list was under way. */
  let newerIds = new Set<string>()

  const fetcher = createParticipantFetcher({
    clock,
    tuning,
    onTooMany: () => scheduleList(),
    fetch: async ({ extension, id }) => {
      const path = `/callcontrol/${encodeURIComponent(extension)}/participants/${id}`
      const answer = await access.get(path, { signal: stopping.signal })
      if (answer.kind === 'failed') return () => undefined // the next list says it
      if (answer.status === 404) return () => step({ kind: 'gone', extension, id })
      const part = answer.status === 200 ? readParticipant(answer.body, extension) : undefined
      return () => {
        if (part?.id === id) step({ kind: 'seen', part })
      }
    },
  })
  const listAfter = (delayMs: number) => {
    cancelNext()
    if (!isStopped()) cancelNext = clock.after(Math.max(0, delayMs), () => void fetchList())
  }
  const scheduleList = () => {
    if (list.at === 'under-way') list.wantsAnother = true
    else listAfter(listedMs + tuning.listsApartMs - clock.monotonicMs())
  }
  const fetchList = async () => {
    if (isStopped() || list.at === 'under-way') return
    const current = { at: 'under-way' as const, wantsAnother: false }
    list = current
    listedMs = clock.monotonicMs()
    newerIds = new Set()
    fetcher.clear()
    const answer = await access.get('/callcontrol', { maxBytes: MAX_LIST_BYTES, signal: stopping.signal })
    if (isStopped()) return
    list = { at: 'none' }
    const snapshot = answer.kind === 'answer' && answer.status === 200 ? readSnapshot(answer.body) : undefined
    if (snapshot) applyList(snapshot)
    else fail(pbxErrorOfList(answer))
    if (snapshot && current.wantsAnother) scheduleList()
  }
  const applyList = (snapshot: Snapshot) => {
    failures = 0
    const isFirst = lastSnapshot === undefined
    lastSnapshot = snapshot
    const seen = newerIds
    const participants = snapshot.participants.filter(({ extension }) => isExtension(extension))
    step({
      kind: 'listed',
      snapshot: { ...snapshot, participants },
      isNewer: (extension, id) => seen.has(`${extension}/${id}`),
      isAfterGap: isFirst,
    })
    listAfter(tuning.watchdogMs)
    for (const { extension, id } of earlyEvents.values()) follow(extension, id)
    earlyEvents.clear()
    needs.onListed({ isFirst, extensions: [...snapshot.numbers.keys()].filter(isExtension) })
  }
  const fail = (pbxError: PbxError) => {
    failures += 1
    if (!lastSnapshot || failures >= tuning.failedLists) finish(pbxError)
    else listAfter(tuning.listsApartMs)
  }
  /** Not a route point nor a queue: their participants are no technicians. */
  const isExtension = (number: string) =>
    number !== needs.clientId &&
    ['', 'Wextension'].includes(lastSnapshot?.numbers.get(number) ?? 'not listed')
  const follow = (extension: string, id: number) => {
    if (!lastSnapshot) {
      if (earlyEvents.size < MAX_EARLY) earlyEvents.set(`${extension}/${id}`, { extension, id })
    } else if (!lastSnapshot.numbers.has(extension))
      scheduleList() // an extension that was added to the client just now
    else if (isExtension(extension)) fetcher.request(extension, id)
  }

  return {
    onFrame(text) {
      const frame = readFrame(text)
      if (!frame || isStopped()) return
      const { extension, id } = frame
      const key = `${extension}/${id}`
      newerIds.add(key)
      if (frame.kind === 'upsert' && !(frame.embedded && lastSnapshot && isExtension(extension)))
        return follow(extension, id)
      fetcher.forget(extension, id)
      earlyEvents.delete(key)
      step(frame.kind === 'remove' || !frame.embedded ? { kind: 'gone', extension, id } : { kind: 'seen', part: frame.embedded }) // prettier-ignore
    },
    run: () =>
      new Promise((resolve) => {
        finish = resolve
        void fetchList()
      }),
    stop() {
      stopping.abort()
      cancelNext()
      fetcher.stop()
    },
  }
}

/** What an answer means that is no list of extensions. */
export function pbxErrorOfList(answer: Awaited<ReturnType<PbxAccess['get']>>): PbxError {
  if (answer.kind === 'failed') return answer.pbxError
  if (answer.status !== 200) return pbxErrorOfStatus(answer.status, answer.isHtml)
  return answer.isHtml
    ? { code: 'no-call-control', detail: 'answered with a page' }
    : { code: 'unexpected-answer', detail: 'answered no list of extensions' }
}
