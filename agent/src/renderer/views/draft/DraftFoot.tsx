import './foot.css'
import { Button } from '../../components/Button.tsx'
import { TicketLink } from '../../components/TicketLink.tsx'
import { isWebLink } from '../../components/webLink.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { DISCARDABLE, FILEABLE } from '../../page/draftActions.ts'
import { usePage, useSinceSnapshot } from '../../page/page.ts'
import type { DeskDraft } from '../../../ipc/deskSnapshot.ts'

/** Shows the decisions that the hub accepts in this state, and no others. */
export function DraftFoot({ card }: { readonly card: DeskDraft }) {
  const { t } = useTranslator()
  const { act } = usePage()
  const { state } = card.draft
  const sinceMs = useSinceSnapshot(state.at === 'filing')
  if (state.at === 'discarded') return null
  const ticketUrl = state.at === 'filed' ? state.ticketUrl : undefined
  if (state.at === 'filed')
    return isWebLink(ticketUrl) ? (
      <footer className="card__foot">
        <TicketLink url={ticketUrl} variant="primary" />
        <Button size="large" icon="copy" onPress={() => void act.copy(ticketUrl, 'copied.link')}>
          {t('draft.copyLink')}
        </Button>
      </footer>
    ) : null
  const canUndo = state.at === 'filing' && state.undoRemainingMs - sinceMs > 0
  if (state.at === 'filing' && !canUndo) return null
  const waits = state.at === 'countdown' || state.at === 'proposed'
  return (
    <footer className="card__foot">
      {canUndo ? (
        <Button variant="primary" size="large" icon="undo" shortcut={SHORTCUTS.undo} onPress={act.undo}>
          {t('draft.undo')}
        </Button>
      ) : null}
      {FILEABLE.includes(state.at) ? (
        <Button variant="primary" size="large" shortcut={SHORTCUTS.file} onPress={act.file}>
          {t(state.at === 'blocked' ? 'draft.fileAgain' : 'draft.file')}
        </Button>
      ) : null}
      {waits ? (
        <Button size="large" shortcut={SHORTCUTS.hold} onPress={act.hold}>
          {t('draft.hold')}
        </Button>
      ) : null}
      {state.at === 'held' || state.at === 'parked' ? (
        <Button onPress={act.resume}>{t('draft.resume')}</Button>
      ) : null}
      {DISCARDABLE.includes(state.at) ? (
        <Button variant="danger" onPress={act.askDiscard}>
          {t('draft.discard')}
        </Button>
      ) : null}
    </footer>
  )
}
