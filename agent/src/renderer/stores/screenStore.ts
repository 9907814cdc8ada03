import type { CallId, DraftId } from '@3cx-ninja/protocol'
import { createStore } from 'zustand/vanilla'

export const VIEWS = ['call', 'history', 'settings', 'diagnosis'] as const
export type ViewName = (typeof VIEWS)[number]

/** A short notice that disappears by itself. */
export interface Notice {
  readonly id: number
  readonly tone: 'good' | 'bad'
  /** The text is a key of the texts or a sentence of main. */
  readonly text: string
  /** The notice offers this action while it stands. */
  readonly action?: { readonly text: string; readonly act: () => void }
}

export interface Screen {
  readonly view: ViewName
  /** A narrow window shows this half of the call. */
  readonly pane: 'talk' | 'ticket'
  /** The technician chose this card; without it, the card of the shown call is in front. */
  readonly chosenDraft?: DraftId
  /** The history shows this past call. */
  readonly openCall?: CallId
  /** The set-up stays until its last step, also when the hub already knows this PC. */
  readonly settingUp: boolean
  /** 'wanted' moves the focus into the search field as soon as the field is drawn. */
  readonly search: 'still' | 'wanted'
  readonly dialog?: 'erase' | 'discard' | 'keys'
  /** Drafts whose discard the hub has not received: it can still be undone. */
  readonly discarding: ReadonlySet<DraftId>
  /** The transcript marks these words: a tick of the checklist rests on them. */
  readonly highlighted?: string
  readonly notices: readonly Notice[]
}

/** Returns the store of the technician's position in the window. Main never needs it. */
export function createScreenStore() {
  return createStore<Screen>(() => ({
    view: 'call',
    pane: 'talk',
    settingUp: false,
    search: 'still',
    discarding: new Set(),
    notices: [],
  }))
}
export type ScreenStore = ReturnType<typeof createScreenStore>
