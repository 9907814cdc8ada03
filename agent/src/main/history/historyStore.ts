import { mkdir, readdir, rm } from 'node:fs/promises'
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
import { causeOf, type Logger } from '../log.ts'
import { openDurableFile, type DurableFile } from '../storage/durableFile.ts'
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
  names(): Promise<ReadonlyMap<CallId, CallId>>
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
type Sealed = z.infer<typeof sealed>
const EMPTY: Sealed = { masterKeyId: '', box: '' }

export interface HistoryNeeds {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly log: Logger
  readonly tuning?: typeof historyTuning
}

interface Held {
  readonly call: KeptCall
  readonly text: string
}

/**
 * Past calls of this PC: one encrypted file each, so that one that is damaged costs only itself; all of them in memory for the search. Opens at once; the first search waits until they are read.
 */
export function openHistory(needs: HistoryNeeds): History {
  const { folder, masterKey, clock, log, tuning = historyTuning } = needs
  const held = new Map<CallId, Held>()
  const fileOf = (id: CallId) => path.join(folder, `${id}.json`)
  /** One writer for each file: two would write over each other. */
  const files = new Map<CallId, Promise<DurableFile<Sealed>>>()
  const openFile = (id: CallId) => {
    const known = files.get(id)
    if (known) return known
    const opening = openDurableFile({
      path: fileOf(id),
      schema: sealed,
      empty: EMPTY,
      onBroken: ({ keptAs }) => log.warn({ callId: id, keptAs }, 'history.broken'),
    })
    files.set(id, opening)
    opening.catch(() => files.delete(id)) // whoever asked is told; the next one tries again
    return opening
  }

  const read = async (id: CallId) => {
    const file = await openFile(id)
    if (held.has(id) || file.value.box === '') return
    const text = masterKey.unwrap(file.value, id).toString('utf8')
    hold(keptCall.parse(JSON.parse(text)))
  }
  const hold = (call: KeptCall) => held.set(call.call.callId, { call, text: searchTextOf(call) })

  const load = async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const ids = (await readdir(folder)).flatMap((name) => {
      const parsed = callIdSchema.safeParse(/^(.+)\.json$/.exec(name)?.[1])
      return parsed.success ? [parsed.data] : []
    })
    const waiting = [...ids]
    const reader = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
        await read(id).catch((error: unknown) =>
          log.warn({ callId: id, cause: causeOf(error) }, 'history.unreadable'),
        )
    }
    await Promise.all(Array.from({ length: tuning.readAtOnce }, reader))
    await sweep()
  }
  const newestFirst = () =>
    [...held.values()].sort((a, b) => b.call.call.startedAtMs - a.call.call.startedAtMs)
  const sweep = async () => {
    const oldest = clock.nowMs() - tuning.maxAgeMs
    const gone = newestFirst().filter(
      ({ call }, index) => index >= tuning.maxCalls || call.call.startedAtMs < oldest,
    )
    for (const { call } of gone) await remove(call.call.callId)
  }
  const remove = async (id: CallId) => {
    held.delete(id)
    await rm(fileOf(id), { force: true })
  }
  const loaded = load().catch((error: unknown) => log.error({ cause: causeOf(error) }, 'history.failed'))

  return {
    async search({ words, skip, limit }) {
      await loaded
      const terms = termsOf(words)
      const found = newestFirst().filter(({ text }) => isFound(text, terms))
      return {
        total: found.length,
        calls: found
          .slice(skip, skip + limit)
          .map(({ call }) => toPastCall(call, excerptOf(call.lines, terms))),
      }
    },
    async open(id) {
      await loaded
      return held.get(id)?.call
    },
    async withRecording(recordingId) {
      await loaded
      return [...held.values()].find(({ call }) => call.call.recordingId === recordingId)?.call
    },
    async names() {
      await loaded
      return new Map(
        [...held].flatMap(([own, { call }]) => (call.canonicalId ? [[call.canonicalId, own] as const] : [])),
      )
    },
    async keep(call) {
      const id = call.call.callId
      await loaded // in the order they were asked: every wait here is first come, first served
      const file = await openFile(id)
      hold(call)
      await file.save(masterKey.wrap(Buffer.from(JSON.stringify(call)), id))
    },
  }
}
