import path from 'node:path'
import { z } from 'zod'
import { agentId, callId, recordingId, wallClockMs, type RecordingId } from '@3cx-ninja/protocol'
import {
  errorCode,
  readUpTo,
  writeAll,
  type FileSystem,
  type LogFile,
} from '@3cx-ninja/recording-log/fileSystem.ts'

const erasure = z.object({
  recordingId,
  callId: callId.optional(),
  agentId: agentId.optional(),
  atMs: wallClockMs,
})
/** One erasure: ids and a time, never a word, a name or a number. */
export type Erasure = z.infer<typeof erasure>

const line = z.union([z.object({ done: recordingId }), erasure])

/**
 * The list of all erasures, a file beside the master key: it lies outside the data folder, so that a data folder that is put
 * back from a backup is clean again after the next start. An entry is pending from `add` until `done`.
 */
export interface ErasureList {
  /** Returns every erasure, the oldest first. */
  all(): readonly Erasure[]
  /** Returns whether the erasure was begun and not yet completed: the hub died in between. */
  isPending(recordingId: RecordingId): boolean
  /** Resolves once the erasure is flushed; at once for one that the list has. Rejects when the disk refuses. */
  add(erasure: Erasure): Promise<void>
  /** Resolves once it is flushed that nothing of the recording is left. Rejects when the disk refuses. */
  done(recordingId: RecordingId): Promise<void>
  stop(): Promise<void>
}

/** The list's file in the folder of secrets. */
export const erasuresFile = (secrets: string) => path.join(secrets, 'erasures.jsonl')

/** Opens the list, creates it at the first start, and ends a line that a crash tore. Rejects when the disk refuses. */
export async function openErasureList({ fs, file }: { fs: FileSystem; file: string }): Promise<ErasureList> {
  const handle = await openFile(fs, file)
  const { size } = await handle.stat()
  const text = (await readUpTo(handle, size, 0)).toString('utf8')
  const known = new Map<RecordingId, Erasure>()
  const pending = new Set<RecordingId>()
  for (const each of text.split('\n')) take(each, known, pending)
  let bytes = size
  let turn: Promise<void> = Promise.resolve()
  const append = (entry: object) => {
    const written = turn.then(async () => {
      // A torn line before this one stays a line of its own, and is skipped when it is read.
      const addition = Buffer.from(`\n${JSON.stringify(entry)}`)
      await writeAll(handle, addition, bytes)
      await handle.datasync()
      bytes += addition.length
    })
    turn = written.catch(() => undefined)
    return written
  }
  return {
    all: () => [...known.values()],
    isPending: (id) => pending.has(id),
    async add(entry) {
      if (known.has(entry.recordingId)) return
      await append(entry)
      known.set(entry.recordingId, entry)
      pending.add(entry.recordingId)
    },
    async done(id) {
      if (!pending.has(id)) return
      await append({ done: id })
      pending.delete(id)
    },
    async stop() {
      await turn
      await handle.close()
    },
  }
}

async function openFile(fs: FileSystem, file: string): Promise<LogFile> {
  try {
    return await fs.open(file, 'r+')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  const created = await fs.open(file, 'wx+')
  await created.sync()
  await fs.syncFolder(path.dirname(file))
  return created
}

function take(text: string, known: Map<RecordingId, Erasure>, pending: Set<RecordingId>): void {
  if (text === '') return
  try {
    const entry = line.parse(JSON.parse(text))
    if ('done' in entry) return void pending.delete(entry.done)
    known.set(entry.recordingId, entry)
    pending.add(entry.recordingId)
  } catch {
    // a line that a power cut tore: its erasure was not acknowledged, and its agent repeats it
  }
}
