import './card.css'
import './others.css'
import { withoutUndefined } from '@3cx-ninja/protocol/withoutUndefined.ts'
import { Caps } from '../../components/Caps.tsx'
import { Icon } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { useEdits, usePage, useScreen, useSnapshot } from '../../page/page.ts'
import { cardOnScreen } from '../../page/cardOnScreen.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import { DiscardDialog } from './DiscardDialog.tsx'
import { DraftCard } from './DraftCard.tsx'
import { LeavingCard } from './LeavingCard.tsx'

/** Shows the chosen card, or that of the current call; a click opens another draft. */
export function DraftPane() {
  const { t } = useTranslator()
  const { act, edits } = usePage()
  const desk = useSnapshot()
  const open = useEdits()
  const chosenDraft = useScreen((screen) => screen.chosenDraft)
  const dialog = useScreen((screen) => screen.dialog)
  const discarding = useScreen((screen) => screen.discarding)
  const card = cardOnScreen(desk, chosenDraft ? { chosenDraft } : {})
  const draftId = card?.draft.draftId
  const isElsewhere = desk.calls.some(
    (call) => call.callId === desk.shown && isActive(call) && call.recording.at === 'elsewhere',
  )
  return (
    <>
      {desk.drafts.length > (card ? 1 : 0) ? (
        <div className="others" role="group" aria-label={t('draft.others')}>
          {desk.drafts.map(({ draft }) => (
            <button
              key={draft.draftId}
              type="button"
              className="others__one"
              aria-pressed={draft.draftId === draftId}
              onClick={() => act.chooseDraft(draft.draftId)}
            >
              {draft.fields.title || t('draft.untitled')}
            </button>
          ))}
        </div>
      ) : null}
      {card && discarding.has(card.draft.draftId) ? (
        <LeavingCard draft={card.draft} />
      ) : card ? (
        <DraftCard
          key={card.draft.draftId}
          card={card}
          fields={{
            ...card.draft.fields,
            ...withoutUndefined(open.get(card.draft.draftId)?.changes ?? {}),
          }}
          onEdit={(changes) => edits.edit(card.draft.draftId, changes)}
        />
      ) : (
        <div className="card__empty">
          <span className="card__sign">
            <Icon name="ticket" />
          </span>
          <p>{t(isElsewhere ? 'draft.emptyElsewhere' : 'draft.empty')}</p>
          <ul className="card__keys">
            {[SHORTCUTS.file, SHORTCUTS.hold, SHORTCUTS.help].map((shortcut) => (
              <li key={shortcut.textKey}>
                <Caps shortcut={shortcut} /> {t(shortcut.textKey)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {dialog === 'discard' && draftId ? <DiscardDialog draftId={draftId} /> : null}
    </>
  )
}
