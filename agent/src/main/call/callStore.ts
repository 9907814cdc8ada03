import {
  callId,
  callSnapshot,
  recordingId,
  type CallId,
  type CallSnapshot,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { z } from 'zod'
import { openDurableFile, readableItems } from '../storage/durableFile.ts'
import { sealOnceClear, sealWith } from '../storage/seal.ts'

const BOUND_TO = 'calls'

const storedCall = z.object({
  call: callSnapshot,
  /** Newest revision that the hub has stored; -1 for none. */
  storedRevision: z.int().min(-1),
  /** The id under which the hub speaks of this call. */
  canonicalId: callId.optional(),
})
const content = z.object({
  version: z.literal(1),
  calls: z.array(storedCall),
  /** Recordings that the hub must erase, until it says so. */
  erasures: z.array(recordingId),
})
export type StoredCall = z.infer<typeof storedCall>

export interface CallStore {
  /** Returns the calls that are active, or whose last report the hub has not stored. */
  calls(): readonly StoredCall[]
  /** Returns the newest reports that the hub has not stored. */
  unstored(): readonly CallSnapshot[]
  /** Stores a report. Resolves once it is durable; rejects when the disk refuses. */
  report(call: CallSnapshot): Promise<void>
  /** Notes the newest revision that the hub has stored; a call that is over is dropped then. */
  stored(callId: CallId, revision: number): Promise<void>
  /** Notes the id under which the hub names this call. */
  identified(alias: CallId, canonicalId: CallId): Promise<void>
  /** Returns the agent's own id for a call that the hub names; the same id where there is no other. */
  ownId(canonicalId: CallId): CallId
  /** Returns the recordings that the hub must erase, until it reports that it has. */
  erasures(): readonly RecordingId[]
  /** Notes that the hub must erase the recording. Resolves once the note is durable. */
  mustErase(recordingId: RecordingId): Promise<void>
  /** Drops the note: the hub has erased the recording. */
  erased(recordingId: RecordingId): Promise<void>
}

/**
 * Opens the call reports that are kept over restarts until the hub has stored them; a damaged file is set aside. The file is
 * encrypted, because it names callers and their numbers; one in clear, of an earlier version, is encrypted at once. Rejects
 * when the disk refuses. Rules C1, C2 and R10.
 */
export async function openCallStore(needs: {
  readonly path: string
  readonly masterKey: Pick<MasterKey, 'wrap' | 'unwrap'>
  readonly onBroken: (found: { readonly keptAs: string; readonly detail: string }) => void
}): Promise<CallStore> {
  const file = await openDurableFile({
    path: needs.path,
    onBroken: needs.onBroken,
    seal: sealOnceClear(sealWith(needs.masterKey, BOUND_TO)),
    schema: content,
    empty: { version: 1, calls: [], erasures: [] },
    // One call that cannot be read must not take the reports of the others and the pending erasures with it.
    salvage(value) {
      const lists = z.object({ calls: z.unknown(), erasures: z.unknown() }).safeParse(value)
      if (!lists.success) return undefined
      const { calls, erasures } = lists.data
      return {
        version: 1,
        calls: readableItems(storedCall, calls),
        erasures: readableItems(recordingId, erasures),
      }
    },
  })
  if (file.value.calls.length > 0) await file.save(file.value)
  const change = (calls: readonly StoredCall[]) =>
    file.save({ ...file.value, calls: calls.filter((each) => !isSettled(each)) })
  const update = (id: CallId, how: (call: StoredCall) => StoredCall) =>
    change(file.value.calls.map((each) => (each.call.callId === id ? how(each) : each)))

  return {
    calls: () => file.value.calls,
    unstored: () =>
      file.value.calls.filter((each) => each.storedRevision < each.call.revision).map(({ call }) => call),
    report(call) {
      const known = file.value.calls.find((each) => each.call.callId === call.callId)
      return known
        ? update(call.callId, (each) => ({ ...each, call }))
        : change([...file.value.calls, { call, storedRevision: -1 }])
    },
    stored: (id, revision) =>
      update(id, (each) => ({ ...each, storedRevision: Math.max(each.storedRevision, revision) })),
    identified: (alias, canonicalId) => update(alias, (each) => ({ ...each, canonicalId })),
    ownId: (canonicalId) =>
      file.value.calls.find((each) => each.canonicalId === canonicalId)?.call.callId ?? canonicalId,
    erasures: () => file.value.erasures,
    async mustErase(id) {
      if (!file.value.erasures.includes(id))
        await file.save({ ...file.value, erasures: [...file.value.erasures, id] })
    },
    erased: (id) => file.save({ ...file.value, erasures: file.value.erasures.filter((each) => each !== id) }),
  }
}

/** Returns whether the call is over and the hub has stored its last revision. */
function isSettled({ call, storedRevision }: StoredCall): boolean {
  return (call.phase === 'done' || call.phase === 'missed') && storedRevision >= call.revision
}
