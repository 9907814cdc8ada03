import type { DraftChanges, DraftFields, DraftId } from '@3cx-ninja/protocol'
import { createStore } from 'zustand/vanilla'
import type { DeskBridge } from '../../ipc/channels.ts'
import type { DeskDraft } from '../../ipc/deskSnapshot.ts'
import type { PageClock } from '../clock.ts'

/** An edit that no snapshot contains yet. `unsent` means that main does not have it. */
export interface OpenEdit {
  readonly changes: DraftChanges
  readonly unsent: boolean
}
export type OpenEdits = ReadonlyMap<DraftId, OpenEdit>

/** The first key is sent at once, because it stops the countdown; the next keys are sent in batches of this length. */
const BATCH_MS = 300

/**
 * Returns the technician's edits: each stays on the screen and is sent to main until a snapshot contains it, the hub
 * refuses it, or its draft disappears. The store knows no hub: main keeps an edit that the hub does not have.
 */
export function createDraftEdits(needs: {
  readonly bridge: Pick<DeskBridge, 'editDraft'>
  readonly clock: PageClock
  readonly onAway: () => void
}) {
  const { bridge, clock } = needs
  const store = createStore<{ readonly edits: OpenEdits }>(() => ({ edits: new Map() }))
  const timers = new Map<DraftId, () => void>()
  const sending = new Map<DraftId, Promise<void>>()

  const put = (draftId: DraftId, edit: OpenEdit | undefined) => {
    const edits = new Map(store.getState().edits)
    if (edit) edits.set(draftId, edit)
    else edits.delete(draftId)
    store.setState({ edits })
  }
  const send = (draftId: DraftId): Promise<void> => {
    const edit = store.getState().edits.get(draftId)
    if (!edit?.unsent) return sending.get(draftId) ?? Promise.resolve()
    put(draftId, { ...edit, unsent: false })
    const sent = bridge.editDraft({ draftId, changes: edit.changes }).then((answer) => {
      if (answer.ok && (answer.value.outcome === 'sent' || answer.value.outcome === 'kept')) return
      const now = store.getState().edits.get(draftId)
      if (now) put(draftId, { ...now, unsent: true })
      needs.onAway()
    })
    sending.set(draftId, sent)
    return sent
  }

  return {
    store,
    edit(draftId: DraftId, changes: DraftChanges) {
      const before = store.getState().edits.get(draftId)
      put(draftId, { changes: { ...before?.changes, ...changes }, unsent: true })
      if (timers.has(draftId)) return
      void send(draftId)
      timers.set(
        draftId,
        clock.after(BATCH_MS, () => {
          timers.delete(draftId)
          void send(draftId)
        }),
      )
    },
    /** Resolves once main has every edit typed so far. */
    flush: (draftId: DraftId) => send(draftId),
    /** Removes the edits that the snapshot contains, and sends unsent ones again when the hub is connected. */
    snapshot(drafts: readonly DeskDraft[], hubIsOpen: boolean) {
      for (const [draftId, edit] of store.getState().edits) {
        const shown = drafts.find(({ draft }) => draft.draftId === draftId)
        const remaining = shown ? remainingEdit(edit, shown) : undefined
        if (remaining !== edit) put(draftId, remaining)
        if (remaining?.unsent && hubIsOpen && !timers.has(draftId)) void send(draftId)
      }
    },
  }
}
export type DraftEdits = ReturnType<typeof createDraftEdits>

/** Returns the part of an edit that the screen must still show on top of the snapshot, or undefined for none. */
export function remainingEdit(edit: OpenEdit, { draft, pending, refused }: DeskDraft): OpenEdit | undefined {
  if (edit.unsent) return edit
  if (refused && !pending) return undefined // the hub's version counts; the card shows the reason
  const unconfirmed = Object.entries(edit.changes).filter(
    ([field, value]) => JSON.stringify(draft.fields[field as keyof DraftFields]) !== JSON.stringify(value),
  )
  if (unconfirmed.length === 0) return undefined
  return unconfirmed.length === Object.keys(edit.changes).length
    ? edit
    : { ...edit, changes: Object.fromEntries(unconfirmed) }
}
