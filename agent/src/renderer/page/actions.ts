import type { ViewName } from '../stores/screenStore.ts'
import { createCallActions } from './callActions.ts'
import { createIsDone, type Decide } from './decide.ts'
import type { Discards } from './discards.ts'
import { createDraftActions } from './draftActions.ts'
import type { Notices } from './notices.ts'
import type { PageParts } from './pageParts.ts'

interface ActionParts extends PageParts {
  readonly notices: Notices
  readonly decide: Decide
  readonly discards: Discards
}

/** Returns every user action once, for buttons and keys alike: a key cannot do something else than its button. */
export function createActions(parts: ActionParts) {
  return {
    ...createScreenActions(parts),
    ...createCallActions(parts),
    ...createDraftActions(parts),
    isDone: createIsDone(parts),
  }
}
export type Actions = ReturnType<typeof createActions>

function createScreenActions({ screen, notice }: Pick<PageParts, 'screen' | 'notice'>) {
  return {
    go: (view: ViewName) => screen.setState({ view }),
    pane: (pane: 'talk' | 'ticket') => screen.setState({ pane }),
    /** Writes the text to the clipboard and confirms it by a notice; a refusal becomes a notice too. */
    async copy(
      text: string,
      confirmation: 'copied.conversation' | 'copied.number' | 'copied.link' | 'copied.report',
    ) {
      try {
        await navigator.clipboard.writeText(text)
        notice('good', confirmation)
      } catch {
        notice('bad', 'copied.failed') // a browser refuses on plain HTTP, or without permission
      }
    },
    /** Opens the search in all calls and moves the focus there, from any view. */
    find: () => screen.setState({ view: 'history', search: 'wanted' }),
    showKeys: () => screen.setState({ dialog: 'keys' }),
    highlight(words: string | undefined) {
      if (words) screen.setState({ highlighted: words })
      else screen.setState(({ highlighted: _, ...rest }) => rest, true)
    },
    closeDialog: () => screen.setState(({ dialog: _, ...rest }) => rest, true),
  }
}
