import type { DraftChanges, DraftFields } from '@3cx-ninja/protocol'
import { Badge } from '../../components/Badge.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { FILEABLE } from '../../page/draftActions.ts'
import { usePage } from '../../page/page.ts'
import type { DeskDraft } from '../../../ipc/deskSnapshot.ts'
import { Checklist } from './Checklist.tsx'
import { DraftFoot } from './DraftFoot.tsx'
import { DraftForm } from './DraftForm.tsx'
import { DraftSummary } from './DraftSummary.tsx'
import { DraftHead } from './DraftHead.tsx'
import { PendingChange } from './PendingChange.tsx'

/** Shows one draft: its state, its fields, and the actions on it. */
export function DraftCard(props: {
  readonly card: DeskDraft
  /** The fields include the edits that no snapshot contains yet. */
  readonly fields: DraftFields
  readonly onEdit: (changes: DraftChanges) => void
}) {
  const { t } = useTranslator()
  const { act } = usePage()
  const { card, fields, onEdit } = props
  const { draft } = card
  const { state } = draft
  const editable = state.at === 'collecting' || FILEABLE.includes(state.at)
  return (
    <article className="card" aria-label={t('draft.title')}>
      <DraftHead card={card} />
      {card.refused ? (
        <p className="card__refused" role="alert">
          {t(`draft.refused.${card.refused}`)}
        </p>
      ) : null}
      {card.pendingChange ? <PendingChange draft={draft} pending={card.pendingChange} /> : null}
      {editable ? <Checklist checks={card.checklist} /> : null}
      {editable ? (
        <DraftForm
          fields={fields}
          evidence={draft.evidence}
          onEdit={onEdit}
          // A click into a field holds the draft: the technician wants to correct it.
          onBegin={() => void (state.at === 'countdown' && act.hold())}
        />
      ) : (
        <DraftSummary fields={fields} />
      )}
      <div className="card__notes">
        {draft.transcript === 'complete' ? null : (
          <Badge tone="plain">{t(`draft.transcript.${draft.transcript}`)}</Badge>
        )}
        {draft.sentiment === 'neutral' ? null : (
          <Badge tone={draft.sentiment === 'negative' ? 'warn' : 'good'}>
            {t(`draft.sentiment.${draft.sentiment}`)}
          </Badge>
        )}
      </div>
      <DraftFoot card={card} />
    </article>
  )
}
