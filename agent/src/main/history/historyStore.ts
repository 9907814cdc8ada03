import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  callId as callIdSchema,
  DAY_MS,
  type CallId,
  type Clock,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { z } from 'zod'
import type { PastCall } from '../../ipc/channels.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { writeDurably } from '../storage/durableFile.ts'
import { keptCall, toPastCall, type KeptCall } from './keptCall.ts'
import { excerptOf, isFound, searchTextOf, termsOf } from './searchText.ts'

/** What the window needs of past calls, wherever they are kept. */
export interface History {
  /** Newest first. */
  search(of: { readonly words: string; readonly skip: number; readonly limit: number }): Promise<{
    readonly calls: readonly PastCall[]
    readonly total: number
  }>
  open(callId: CallId): Promise<KeptCall | undefined>
  /** The call whose recording this is. */
  withRecording(recordingId: RecordingId): Promise<KeptCall | undefined>
  /** The hub's names of the calls here, to ours: drafts of yesterday's calls come under them. */
  localIds(): Promise<ReadonlyMap<CallId, CallId>>
  /** Durable when resolved. */
  keep(call: KeptCall): Promise<void>
}

export const historyTuning = {
  /** As long as the hub keeps transcripts by default. */
  maxAgeMs: 90 * DAY_MS,
  /** About 15 MB of text for calls of average length. */
  maxCalls: 2_000,
  /** Files read at once at start. */
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

/** What stays in memory of a call: enough to list and to find it. Its words are read again when they are asked for. */
interface IndexedCall {
  readonly past: PastCall
  readonly text: string
  readonly canonicalId: CallId | undefined
  readonly recordingId: RecordingId | undefined
}

/**
 * Past calls of this PC: one encrypted file each, so that one that is damaged costs only itself. Opens at once; the first
 * search waits until all were read once.
 */
export function openHistory(needs: HistoryNeeds): History {
  const { folder, masterKey, clock, log, tuning = historyTuning } = needs
  const index = new Map<CallId, IndexedCall>()
  /** Not on the disk yet: newer than what is. */
  const unwritten = new Map<CallId, KeptCall>()
  /** One write after the other for each file: two at once would write over each other. */
  const writing = new Map<CallId, Promise<void>>()
  const fileOf = (id: CallId) => path.join(folder, `${id}.json`)

  const addToIndex = (call: KeptCall) =>
    index.set(call.call.callId, {
      past: toPastCall(call),
      text: searchTextOf(call, needs.country()),
      canonicalId: call.canonicalId,
      recordingId: call.call.recordingId,
    })
  /** undefined: it is not here, or not to be understood; that is told in the log, and a damaged file put aside. */
  const read = async (id: CallId): Promise<KeptCall | undefined> => {
    const file = fileOf(id)
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
  const load = async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const waiting = (await readdir(folder)).flatMap((name) => {
      const parsed = callIdSchema.safeParse(/^(.+)\.json$/.exec(name)?.[1])
      return parsed.success ? [parsed.data] : []
    })
    const reader = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const call = await read(id)
        if (call) addToIndex(call)
      }
    }
    await Promise.all(Array.from({ length: tuning.readAtOnce }, reader))
    await sweep()
  }
  const newestFirst = () => [...index.values()].sort((a, b) => b.past.startedAtMs - a.past.startedAtMs)
  const sweep = async () => {
    const oldest = clock.nowMs() - tuning.maxAgeMs
    for (const [rank, { past }] of newestFirst().entries()) {
      if (rank < tuning.maxCalls && past.startedAtMs >= oldest) continue
      index.delete(past.callId)
      await rm(fileOf(past.callId), { force: true })
    }
  }
  const loaded = load().catch((error: unknown) => log.error({ cause: causeOf(error) }, 'history.failed'))
  const open = async (id: CallId): Promise<KeptCall | undefined> => {
    await loaded
    return unwritten.get(id) ?? (index.has(id) ? read(id) : undefined)
  }

  return {
    open,
    async search({ words, skip, limit }) {
      await loaded
      const terms = termsOf(words)
      const found = newestFirst().filter(({ text }) => isFound(text, terms))
      const calls = found.slice(skip, skip + limit).map(async ({ past }) => {
        const lines = terms.length > 0 ? (await open(past.callId))?.lines : undefined
        const excerpt = lines && excerptOf(lines, terms)
        return excerpt ? { ...past, found: excerpt } : past
      })
      return { total: found.length, calls: await Promise.all(calls) }
    },
    async withRecording(recordingId) {
      await loaded
      const [id] = [...index].find(([, each]) => each.recordingId === recordingId) ?? []
      return id && open(id)
    },
    async localIds() {
      await loaded
      return new Map(
        [...index].flatMap(([own, { canonicalId }]) => (canonicalId ? [[canonicalId, own] as const] : [])),
      )
    },
    async keep(call) {
      const id = call.call.callId
      await loaded // in the order they were asked: every wait here is first come, first served
      addToIndex(call)
      unwritten.set(id, call)
      const content = JSON.stringify(masterKey.wrap(Buffer.from(JSON.stringify(call)), id))
      const earlier = writing.get(id) ?? Promise.resolve()
      // Whoever asked for the one before was told of its failure.
      const write = earlier.catch(() => undefined).then(() => writeDurably(fileOf(id), content))
      writing.set(id, write)
      try {
        await write
      } finally {
        if (writing.get(id) === write) writing.delete(id)
        if (unwritten.get(id) === call) unwritten.delete(id)
      }
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // told as broken by the schema
  }
}
