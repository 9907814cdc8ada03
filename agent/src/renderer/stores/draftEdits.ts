import type { DraftChanges, DraftFields, DraftId } from '@3cx-ninja/protocol'
import { createStore } from 'zustand/vanilla'
import type { DeskBridge } from '../../ipc/channels.ts'
import type { DeskDraft } from '../../ipc/deskSnapshot.ts'
import type { PageClock } from '../clock.ts'

/** What was typed and is not in a snapshot yet. `unsent`: main does not have it. */
export interface OpenEdit {
  readonly changes: DraftChanges
  readonly unsent: boolean
}
export type OpenEdits = ReadonlyMap<DraftId, OpenEdit>

/** The first key stops the countdown at once; what follows goes together. */
const BATCH_MS = 300

/** What a person types stays on the screen and goes to main: the first change at once, the next ones together. */
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
    /** Everything typed so far is with main when it resolves. */
    flush: (draftId: DraftId) => send(draftId),
    /** A snapshot came: what it holds need not be held here; what could not be sent is tried again. */
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

/** What of an edit is still to be shown on top of the snapshot. */
export function remainingEdit(edit: OpenEdit, { draft, pending, refused }: DeskDraft): OpenEdit | undefined {
  if (edit.unsent) return edit
  if (refused && !pending) return undefined // the hub's words count; it is told why
  const unconfirmed = Object.entries(edit.changes).filter(
    ([field, value]) => JSON.stringify(draft.fields[field as keyof DraftFields]) !== JSON.stringify(value),
  )
  if (unconfirmed.length === 0) return undefined
  return unconfirmed.length === Object.keys(edit.changes).length
    ? edit
    : { ...edit, changes: Object.fromEntries(unconfirmed) }
}
