import { Button } from '../../components/Button.tsx'
import { Icon } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { usePage } from '../../page/page.ts'
import type { DeskDraft } from '../../../ipc/deskSnapshot.ts'
import { DraftSummary } from './DraftSummary.tsx'

/** Shows a draft in the seconds after its discard: its fields, and the way back. */
export function LeavingCard({ draft }: Pick<DeskDraft, 'draft'>) {
  const { t } = useTranslator()
  const { act } = usePage()
  return (
    <article className="card" aria-label={t('draft.title')}>
      <header className="card__head">
        <span className="card__sign">
          <Icon name="cross" />
        </span>
        <div className="card__message">
          <h2 className="card__state">{t('draft.state.leaving')}</h2>
          <p className="card__hint">{t('draft.hint.leaving')}</p>
        </div>
      </header>
      <DraftSummary fields={draft.fields} />
      <footer className="card__foot">
        <Button
          size="large"
          icon="undo"
          shortcut={SHORTCUTS.undo}
          onPress={() => act.undoDiscard(draft.draftId)}
        >
          {t('draft.undoDiscard')}
        </Button>
      </footer>
    </article>
  )
}
