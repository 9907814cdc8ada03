import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  callId as callIdSchema,
  DAY_MS,
  type CallId,
  type Clock,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { createKeyedMutex, type KeyedMutex } from '@3cx-ninja/node-kit/keyedMutex.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { z } from 'zod'
import type { PastCall } from '../../ipc/channels.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { writeDurably } from '../storage/durableFile.ts'
import { keptCall, toPastCall, type KeptCall } from './keptCall.ts'
import { digitsOf, excerptOf, isFound, searchTextOf, termsOf } from './searchText.ts'

/** The past calls that the window lists, searches and opens. */
export interface History {
  /** Resolves with the calls that hold every word, newest first, and with their total. Never rejects. */
  search(of: { readonly words: string; readonly skip: number; readonly limit: number }): Promise<{
    readonly calls: readonly PastCall[]
    readonly total: number
  }>
  /** Resolves with the call, or with undefined when it is unknown or unreadable. */
  open(callId: CallId): Promise<KeptCall | undefined>
  /** Resolves with the call that has this recording. */
  withRecording(recordingId: RecordingId): Promise<KeptCall | undefined>
  /** Resolves with this PC's id of each call by the hub's id: drafts of yesterday's calls come under the hub's. */
  localIds(): Promise<ReadonlyMap<CallId, CallId>>
  /** Resolves once the call is durable. Rejects with the system's error. */
  keep(call: KeptCall): Promise<void>
}

export const historyTuning = {
  /** As long as the hub keeps transcripts by default. */
  maxAgeMs: 90 * DAY_MS,
  /** About 15 MB of text for calls of average length. */
  maxCalls: 2_000,
  /** Files that are read at once at start. */
  readAtOnce: 16,
}

const sealed = z.object({ masterKeyId: z.string(), box: z.string() })

export interface HistoryNeeds {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly log: Logger
  /** The site's, in which a call's number is read for the search; empty while the hub has not named it. */
  readonly country: () => string
  readonly tuning?: typeof historyTuning
}

/** What stays in memory of a call: enough to list and to find it. Its transcript is read again on demand. */
interface IndexedCall {
  readonly past: PastCall
  readonly text: string
  readonly canonicalId: CallId | undefined
  readonly recordingId: RecordingId | undefined
}

interface HistoryState {
  readonly needs: HistoryNeeds
  readonly tuning: typeof historyTuning
  readonly index: Map<CallId, IndexedCall>
  /** Calls that are newer than their files. */
  readonly unwritten: Map<CallId, KeptCall>
  /** Serializes the writes of each file: two at once would overwrite each other. */
  readonly writes: KeyedMutex<CallId>
  /** Resolves once all files have been read; never rejects. */
  readonly loaded: Promise<void>
}

/**
 * Opens the past calls of this PC: one encrypted file each, so that a damaged file costs only its own call. Returns at once; the
 * first search waits until all files were read. A call is indexed from its first save until it is 90 days old or 2,000 newer calls
 * exist. Knows nothing of running calls: those live in desk/deskState.ts.
 */
export function openHistory(needs: HistoryNeeds): History {
  const { tuning = historyTuning } = needs
  const index = new Map<CallId, IndexedCall>()
  const loaded = load({ needs, tuning, index }).catch((error: unknown) =>
    needs.log.error({ cause: causeOf(error) }, 'history.failed'),
  )
  const history: HistoryState = {
    needs,
    tuning,
    index,
    unwritten: new Map(),
    writes: createKeyedMutex(),
    loaded,
  }
  return {
    open: (id) => open(history, id),
    search: (of) => search(history, of),
    async withRecording(recordingId) {
      await loaded
      const [id] = [...index].find(([, each]) => each.recordingId === recordingId) ?? []
      return id && open(history, id)
    },
    async localIds() {
      await loaded
      return new Map(
        [...index].flatMap(([localId, { canonicalId }]) =>
          canonicalId ? [[canonicalId, localId] as const] : [],
        ),
      )
    },
    keep: (call) => keep(history, call),
  }
}

type Loading = Pick<HistoryState, 'needs' | 'tuning' | 'index'>

const fileOf = ({ folder }: HistoryNeeds, id: CallId) => path.join(folder, `${id}.json`)

function addToIndex({ index }: Loading, call: KeptCall): void {
  index.set(call.call.callId, {
    past: toPastCall(call),
    text: searchTextOf(call),
    canonicalId: call.canonicalId,
    recordingId: call.call.recordingId,
  })
}

/** Resolves with undefined when the file is missing or unreadable: the log says so, and a damaged file is put aside. */
async function read({ folder, masterKey, log }: HistoryNeeds, id: CallId): Promise<KeptCall | undefined> {
  const file = path.join(folder, `${id}.json`)
  try {
    const box = sealed.safeParse(parseJson(await readFile(file, 'utf8')))
    if (box.success) return keptCall.parse(JSON.parse(masterKey.unwrap(box.data, id).toString('utf8')))
    await rename(file, `${file}.broken`)
    log.warn({ callId: id, keptAs: `${file}.broken` }, 'history.broken')
  } catch (error) {
    log.warn({ callId: id, cause: causeOf(error) }, 'history.unreadable')
  }
  return undefined
}

async function load(loading: Loading): Promise<void> {
  const { needs, tuning } = loading
  await mkdir(needs.folder, { recursive: true, mode: 0o700 })
  const waiting = (await readdir(needs.folder)).flatMap((name) => {
    const parsed = callIdSchema.safeParse(/^(.+)\.json$/.exec(name)?.[1])
    return parsed.success ? [parsed.data] : []
  })
  const reader = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const call = await read(needs, id)
      if (call) addToIndex(loading, call)
    }
  }
  await Promise.all(Array.from({ length: tuning.readAtOnce }, reader))
  await sweep(loading)
}

const newestFirst = ({ index }: Loading) =>
  [...index.values()].sort((a, b) => b.past.startedAtMs - a.past.startedAtMs)

async function sweep(loading: Loading): Promise<void> {
  const { needs, tuning, index } = loading
  const oldestMs = needs.clock.nowMs() - tuning.maxAgeMs
  for (const [rank, { past }] of newestFirst(loading).entries()) {
    if (rank < tuning.maxCalls && past.startedAtMs >= oldestMs) continue
    index.delete(past.callId)
    await rm(fileOf(needs, past.callId), { force: true })
  }
}

async function open(
  { needs, index, unwritten, loaded }: HistoryState,
  id: CallId,
): Promise<KeptCall | undefined> {
  await loaded
  return unwritten.get(id) ?? (index.has(id) ? read(needs, id) : undefined)
}

async function search(
  history: HistoryState,
  { words, skip, limit }: Parameters<History['search']>[0],
): ReturnType<History['search']> {
  await history.loaded
  const terms = termsOf(words)
  const country = history.needs.country()
  const found = newestFirst(history).filter(({ text, past }) =>
    isFound(text, terms, () => digitsOf(past.number, country)),
  )
  const calls = found.slice(skip, skip + limit).map(async ({ past }) => {
    const lines = terms.length > 0 ? (await open(history, past.callId))?.lines : undefined
    const excerpt = lines && excerptOf(lines, terms)
    return excerpt ? { ...past, found: excerpt } : past
  })
  return { total: found.length, calls: await Promise.all(calls) }
}

async function keep(history: HistoryState, call: KeptCall): Promise<void> {
  const { needs, unwritten, writes, loaded } = history
  const id = call.call.callId
  await loaded // every wait here is first come, first served, so saves keep their order
  addToIndex(history, call)
  unwritten.set(id, call)
  const content = JSON.stringify(needs.masterKey.wrap(Buffer.from(JSON.stringify(call)), id))
  try {
    await writes.run(id, () => writeDurably(fileOf(needs, id), content))
  } finally {
    if (unwritten.get(id) === call) unwritten.delete(id)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema reports it as broken
  }
}
