import type { CallId, DraftId } from '@3cx-ninja/protocol'
import { createStore } from 'zustand/vanilla'

export const VIEWS = ['call', 'history', 'settings', 'diagnosis'] as const
export type ViewName = (typeof VIEWS)[number]

/** A short notice that goes by itself. */
export interface Notice {
  readonly id: number
  readonly tone: 'good' | 'bad'
  /** A key of the texts, or a sentence of main. */
  readonly text: string
  /** What can be done about it, while it stands there. */
  readonly action?: { readonly text: string; readonly act: () => void }
}

export interface Screen {
  readonly view: ViewName
  /** In a narrow window: which half of the call is in front. */
  readonly pane: 'talk' | 'ticket'
  /** The card the technician chose; else the one of the call at hand. */
  readonly chosenDraft?: DraftId
  /** The past call that is open in the history. */
  readonly openCall?: CallId
  /** The set-up stays until its last step, also when the hub already knows this PC. */
  readonly settingUp: boolean
  /** 'wanted': the search takes the focus as soon as it is there. */
  readonly search: 'still' | 'wanted'
  readonly dialog?: 'erase' | 'discard' | 'keys'
  /** Discarded a moment ago, and not said to the hub yet: it can still be taken back. */
  readonly discarding: ReadonlySet<DraftId>
  /** Words of the call that something on the screen rests on: they stand out in the conversation. */
  readonly highlighted?: string
  readonly notices: readonly Notice[]
}

/** Where the technician is in the window. Nothing main needs to know. */
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
