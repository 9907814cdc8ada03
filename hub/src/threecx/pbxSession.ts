import type { Clock } from '@3cx-ninja/protocol'
import { createAsking } from './asking.ts'
import type { PbxEvent } from './heldCalls.ts'
import { readFrame, readParticipant, readSnapshot, type Snapshot } from './participant.ts'
import type { PbxAccess } from './pbxAccess.ts'
import { troubleOfStatus, type Trouble } from './trouble.ts'
import { MAX_LIST_BYTES, type CallControlTuning } from './tuning.ts'

export interface PbxSession {
  readonly onFrame: (text: string) => void
  /** Lists, and lists again; resolves, with why, when that makes no sense any more. The socket is open. */
  readonly run: () => Promise<Trouble>
  readonly stop: () => void
}

export interface PbxSessionNeeds {
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
export function createPbxSession(needs: PbxSessionNeeds): PbxSession {
  const { access, clock, tuning, step } = needs
  const stopping = new AbortController()
  const isOver = () => stopping.signal.aborted
  const early = new Map<string, { readonly extension: string; readonly id: number }>()
  let known: Snapshot | undefined
  let failures = 0
  let list: { readonly at: 'none' } | { readonly at: 'under-way'; wantsAnother: boolean } = { at: 'none' }
  let listedMs = -Infinity
  let cancelNext: () => void = () => undefined
  let finish: (trouble: Trouble) => void = () => undefined
  /** Of which events came while a list was under way. */
  let newer = new Set<string>()

  const asking = createAsking({
    clock,
    tuning,
    onMany: () => listSoon(),
    fetch: async ({ extension, id }) => {
      const path = `/callcontrol/${encodeURIComponent(extension)}/participants/${id}`
      const answer = await access.get(path, { signal: stopping.signal })
      if (answer.is === 'trouble') return () => undefined // the next list says it
      if (answer.status === 404) return () => step({ is: 'gone', extension, id })
      const part = answer.status === 200 ? readParticipant(answer.body, extension) : undefined
      return () => {
        if (part?.id === id) step({ is: 'seen', part })
      }
    },
  })
  const next = (delayMs: number) => {
    cancelNext()
    if (!isOver()) cancelNext = clock.after(Math.max(0, delayMs), () => void takeList())
  }
  const listSoon = () => {
    if (list.at === 'under-way') list.wantsAnother = true
    else next(listedMs + tuning.listsApartMs - clock.monotonicMs())
  }
  const takeList = async () => {
    if (isOver() || list.at === 'under-way') return
    const mine = { at: 'under-way' as const, wantsAnother: false }
    list = mine
    listedMs = clock.monotonicMs()
    newer = new Set()
    asking.clear()
    const answer = await access.get('/callcontrol', { maxBytes: MAX_LIST_BYTES, signal: stopping.signal })
    if (isOver()) return
    list = { at: 'none' }
    const snapshot = answer.is === 'answer' && answer.status === 200 ? readSnapshot(answer.body) : undefined
    if (snapshot) takeIn(snapshot)
    else fail(troubleOfList(answer))
    if (snapshot && mine.wantsAnother) listSoon()
  }
  const takeIn = (snapshot: Snapshot) => {
    failures = 0
    const isFirst = known === undefined
    known = snapshot
    const seen = newer
    const participants = snapshot.participants.filter(({ extension }) => isExtension(extension))
    step({
      is: 'listed',
      snapshot: { ...snapshot, participants },
      isNewer: (extension, id) => seen.has(`${extension}/${id}`),
      isAfterGap: isFirst,
    })
    next(tuning.watchdogMs)
    for (const { extension, id } of early.values()) follow(extension, id)
    early.clear()
    needs.onListed({ isFirst, extensions: [...snapshot.numbers.keys()].filter(isExtension) })
  }
  const fail = (trouble: Trouble) => {
    failures += 1
    if (!known || failures >= tuning.failedLists) finish(trouble)
    else next(tuning.listsApartMs)
  }
  /** Not a route point nor a queue: their participants are no technicians. */
  const isExtension = (number: string) =>
    number !== needs.clientId && ['', 'Wextension'].includes(known?.numbers.get(number) ?? 'not listed')
  const follow = (extension: string, id: number) => {
    if (!known) {
      if (early.size < MAX_EARLY) early.set(`${extension}/${id}`, { extension, id })
    } else if (!known.numbers.has(extension))
      listSoon() // an extension that was added to the client just now
    else if (isExtension(extension)) asking.ask(extension, id)
  }

  return {
    onFrame(text) {
      const frame = readFrame(text)
      if (!frame || isOver()) return
      const { extension, id } = frame
      const key = `${extension}/${id}`
      newer.add(key)
      if (frame.is === 'upsert' && !(frame.embedded && known && isExtension(extension)))
        return follow(extension, id)
      asking.forget(extension, id)
      early.delete(key)
      step(frame.is === 'remove' || !frame.embedded ? { is: 'gone', extension, id } : { is: 'seen', part: frame.embedded }) // prettier-ignore
    },
    run: () =>
      new Promise((resolve) => {
        finish = resolve
        void takeList()
      }),
    stop() {
      stopping.abort()
      cancelNext()
      asking.stop()
    },
  }
}

/** What an answer means that is no list of extensions. */
export function troubleOfList(answer: Awaited<ReturnType<PbxAccess['get']>>): Trouble {
  if (answer.is === 'trouble') return answer.trouble
  if (answer.status !== 200) return troubleOfStatus(answer.status, answer.isHtml)
  return answer.isHtml
    ? { code: 'no-call-control', detail: 'answered with a page' }
    : { code: 'odd-answer', detail: 'answered no list of extensions' }
}
