import type { DeskBridge } from '../../ipc/channels.ts'
import type { DeskStore } from '../stores/deskStore.ts'
import type { DraftEdits } from '../stores/draftEdits.ts'
import type { Notice, ScreenStore } from '../stores/screenStore.ts'
import type { SoundStore } from '../stores/soundStore.ts'

/** Parts of a page that live outside React: the bridge to main, the stores, and the notices. */
export interface PageParts {
  readonly bridge: DeskBridge
  readonly desk: DeskStore
  readonly screen: ScreenStore
  readonly edits: DraftEdits
  readonly sound: SoundStore
  /** Shows a short notice, whose text is a key of the texts or a sentence of main. */
  readonly notice: (tone: Notice['tone'], text: string, action?: Notice['action']) => void
}
