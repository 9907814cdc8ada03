import type { DraftId } from '@3cx-ninja/protocol'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { z } from 'zod'
import { openDurableFile, readableItems, type DurableFileNeeds } from '../storage/durableFile.ts'
import { sealWith } from '../storage/seal.ts'
import { pendingChangeSchema, type PendingChange } from './pendingChange.ts'

const BOUND_TO = 'pending-changes'
const content = z.object({ version: z.literal(1), changes: z.array(pendingChangeSchema) })
type Content = z.infer<typeof content>

export interface PendingChangeStore {
  all(): readonly PendingChange[]
  /** Resolves once the change is durable; `undefined` removes it. Rejects with the system's error. */
  keep(draftId: DraftId, pending: PendingChange | undefined): Promise<void>
}

/**
 * Opens the pending changes on this disk, which outlive restarts until the hub has accepted them. The file is encrypted, because a
 * ticket's text is what people said; a file that cannot be read is put aside, and `onBroken` receives its new name.
 */
export async function openPendingChangeStore(needs: {
  readonly path: string
  readonly masterKey: Pick<MasterKey, 'wrap' | 'unwrap'>
  readonly onBroken: DurableFileNeeds<Content>['onBroken']
}): Promise<PendingChangeStore> {
  const { masterKey } = needs
  const file = await openDurableFile<Content>({
    path: needs.path,
    onBroken: needs.onBroken,
    schema: content,
    empty: { version: 1, changes: [] },
    salvage(value) {
      const lists = z.object({ changes: z.unknown() }).safeParse(value)
      return lists.success
        ? { version: 1, changes: readableItems(pendingChangeSchema, lists.data.changes) }
        : undefined
    },
    seal: sealWith(masterKey, BOUND_TO),
  })
  return {
    all: () => file.value.changes,
    keep(draftId, pending) {
      const others = file.value.changes.filter((each) => each.draft.draftId !== draftId)
      if (!pending && others.length === file.value.changes.length) return Promise.resolve()
      return file.save({ version: 1, changes: pending ? [...others, pending] : others })
    },
  }
}
