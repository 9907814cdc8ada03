import { createKeyedMutex, type KeyedMutex } from '@3cx-ninja/node-kit/keyedMutex.ts'
import { headerAsSent, type CallId, type RecordingId, type StoredPartHeader } from '@3cx-ninja/protocol'
import { readPartFile, type PartReader } from '@3cx-ninja/recording-log/partFile.ts'
import type { PartRef, RecordingState } from '../recordingState.ts'
import { createPart, endPath, loadParts, partPlace, reopenTruncated, type PartFolder } from './loadParts.ts'
import type { OpenPart } from './openPart.ts'
import { writePartEnd } from './partEnd.ts'
import { createPartIndex, type PartIndex } from './partIndex.ts'
import { endOf, hasEnded, opensAfterSeal, ownershipOf, stateOf, type StoredPart } from './partStates.ts'
import { openRemoval, type Removal, type RemovalReason } from './removal.ts'

type OpenPartOutcome =
  | {
      readonly ok: true
      readonly position: number
      readonly flushed: number
      readonly created: boolean
    }
  | { readonly ok: false; readonly reason: 'erased' | 'not-yours' | 'header-differs' }

/**
 * The parts' own files: which parts there are, and which of them can grow. A part is open from its creation (or from a start
 * that finds it without an end), closed once it has ended and everything of it is flushed, and leaves by `remove`.
 * Knows nothing of the journal: that lives in journal/.
 */
export interface PartStore {
  /** Resolves with the stored position; creates the part when it is new. Rejects when the disk refuses. */
  open(header: StoredPartHeader): Promise<OpenPartOutcome>
  /** Returns the part if it can still grow. */
  openPart(ref: PartRef): OpenPart | undefined
  openParts(): readonly OpenPart[]
  /** Returns how many records of the part are stored; 0 for an unknown part. */
  position(ref: PartRef): number
  isErased(recordingId: RecordingId): boolean
  /** Returns whether no record will be added; undefined for a part that is not stored. */
  hasEnded(ref: PartRef): boolean | undefined
  state(recordingId: RecordingId): RecordingState | undefined
  list(): readonly RecordingState[]
  /** Returns the recordings whose parts name this call. */
  ofCall(callId: CallId): readonly RecordingId[]
  /** Resolves with a reader of everything appended so far; undefined for an unknown part. Rejects for an unreadable file. */
  openReader(ref: PartRef): Promise<PartReader | undefined>
  /** Closes the parts that have ended and got no record for `idleMs`; a part is closed only once all of it is flushed. */
  closeIdle(idleMs: number): Promise<void>
  remove(recordingId: RecordingId, reason: RemovalReason): Promise<void>
  /** Returns running totals; cheap, however many parts there are. `bytes`: of all files, once everything is written. */
  count(): { readonly recordings: number; readonly openParts: number; readonly bytes: number }
  stop(): Promise<void>
}

export interface PartStoreNeeds extends PartFolder {
  /** The list of erasures. */
  readonly erasuresFile: string
}

interface State {
  readonly files: PartFolder
  readonly index: PartIndex
  readonly removal: Removal
  /** Opening, closing and removing exclude each other per recording. */
  readonly mutex: KeyedMutex<RecordingId>
}

/** Opens the folder of parts and repairs what a crash left. Rejects for a file of another master key, or a failing disk. */
export async function openPartStore(needs: PartStoreNeeds): Promise<PartStore> {
  const { clock } = needs
  const state: State = {
    files: needs,
    index: createPartIndex(() => clock.nowMs()),
    removal: await openRemoval(needs),
    mutex: createKeyedMutex(),
  }
  const { files, index, removal, mutex } = state
  await loadParts(files, index)
  return {
    open: (header) => mutex.run(header.recordingId, () => openOrCreate(state, header)),
    openPart: (ref) => index.part(ref)?.open,
    openParts: () => [...index.openParts.keys()],
    position(ref) {
      const stored = index.part(ref)
      return stored ? endOf(stored).position : 0
    },
    isErased: (recordingId) => removal.isErased(recordingId),
    hasEnded(ref) {
      const recording = index.get(ref.recordingId)
      const part = recording?.parts.get(ref.part)
      return recording && part && hasEnded(recording, part)
    },
    state: (recordingId) => {
      const recording = index.get(recordingId)
      return recording && stateOf(recordingId, recording)
    },
    list: () => [...index].map(([recordingId, recording]) => stateOf(recordingId, recording)),
    ofCall: (callId) => index.ofCall(callId),
    openReader: (ref) => openReader(state, ref),
    closeIdle: (idleMs) => closeIdle(state, idleMs),
    remove: (recordingId, reason) =>
      mutex.run(recordingId, async () => {
        const recording = index.remove(recordingId)
        for (const { open } of recording?.parts.values() ?? []) await open?.close()
        await removal.remove(recordingId, reason)
      }),
    count: () => ({ recordings: index.size, openParts: index.openParts.size, bytes: index.bytes() }),
    async stop() {
      try {
        for (const part of index.openParts.keys()) {
          await part
            .write()
            .then(() => part.flush())
            .finally(() => part.close())
        }
      } finally {
        await removal.stop()
      }
    },
  }
}

async function openOrCreate(state: State, header: StoredPartHeader): Promise<OpenPartOutcome> {
  const { files, index, removal } = state
  const { recordingId } = header
  if (removal.isErased(recordingId)) return { ok: false, reason: 'erased' }
  const owned = ownershipOf(index.get(recordingId))
  // The opener was checked before; here nothing can come in between. A part with no agent was stored before rule R15.
  if (owned?.agentId !== undefined && owned.agentId !== header.agentId)
    return { ok: false, reason: 'not-yours' }
  if (owned && owned.callId !== header.callId) return { ok: false, reason: 'header-differs' }
  const stored = await reopenTruncated(files, index, { recordingId, part: header.part })
  if (stored) {
    if (!isSameHeader(stored.header, header)) return { ok: false, reason: 'header-differs' }
    const { position } = endOf(stored)
    return { ok: true, position, flushed: stored.open?.flushed ?? position, created: false }
  }
  if (opensAfterSeal(index.get(recordingId), header)) return { ok: false, reason: 'header-differs' }
  const open = await createPart(files, header)
  index.put(recordingId, { header, open })
  return { ok: true, position: 0, flushed: 0, created: true }
}

/** Returns whether both headers agree in everything that the agent sends: whose the part is was compared before. Rule R1. */
function isSameHeader(stored: StoredPartHeader, opened: StoredPartHeader): boolean {
  return JSON.stringify(headerAsSent(stored)) === JSON.stringify(headerAsSent(opened))
}

async function openReader({ files, index }: State, ref: PartRef): Promise<PartReader | undefined> {
  const stored = index.part(ref)
  if (!stored) return undefined
  if (stored.open) return stored.open.reader
  const opened = await readPartFile(partPlace(files, ref))
  if (!opened.ok) throw new Error(`part ${ref.part} of ${ref.recordingId}: ${opened.detail}`)
  return opened.part
}

async function closeIdle(state: State, idleMs: number): Promise<void> {
  const { files, index, mutex } = state
  for (const [open, ref] of [...index.openParts]) {
    if (open.journaled < open.file.position) continue
    if (files.clock.monotonicMs() - open.touchedMs < idleMs) continue
    const [recording, part] = [index.get(ref.recordingId), index.part(ref)]
    if (!recording || !part || !hasEnded(recording, part)) continue
    await mutex.run(ref.recordingId, async () => {
      if (index.part(ref)?.open === open) await closePart(state, ref, part, open)
    })
  }
}

async function closePart(
  { files, index }: State,
  ref: PartRef,
  part: StoredPart,
  open: OpenPart,
): Promise<void> {
  await open.write()
  await open.flush()
  const { position, endSample, sealed, bytes } = open.file
  const end = { position, endSample, sealed, bytes }
  await writePartEnd(files.fs, endPath(files, ref), { header: part.header, ...end })
  index.close(part, end)
  await open.close()
}
