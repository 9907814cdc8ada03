import {
  callId,
  callSnapshot,
  recordingId,
  type CallId,
  type CallSnapshot,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import { openDurableFile } from '../storage/durableFile.ts'

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
  /** Calls that are on, or that the hub does not fully know yet. */
  calls(): readonly StoredCall[]
  /** Newest reports that the hub has not stored. */
  unstored(): readonly CallSnapshot[]
  /** Durable when resolved. */
  report(call: CallSnapshot): Promise<void>
  stored(callId: CallId, revision: number): Promise<void>
  identified(alias: CallId, canonicalId: CallId): Promise<void>
  /** The agent's own id for a call that the hub names; the same id when it is not known otherwise. */
  ownId(canonicalId: CallId): CallId
  erasures(): readonly RecordingId[]
  mustErase(recordingId: RecordingId): Promise<void>
  erased(recordingId: RecordingId): Promise<void>
}

/** Call reports kept over restarts until the hub has stored them. Rules C1, C2 and R10. */
export async function openCallStore(needs: {
  readonly path: string
  readonly onBroken: (found: { readonly keptAs: string; readonly detail: string }) => void
}): Promise<CallStore> {
  const file = await openDurableFile({
    ...needs,
    schema: content,
    empty: { version: 1, calls: [], erasures: [] },
  })
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

/** Over, and the hub has stored its last revision. */
function isSettled({ call, storedRevision }: StoredCall): boolean {
  return (call.phase === 'done' || call.phase === 'missed') && storedRevision >= call.revision
}
