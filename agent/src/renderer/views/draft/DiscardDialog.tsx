import './reasons.css'
import { useState } from 'react'
import type { DiscardReason, DraftId } from '@3cx-ninja/protocol'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { TextField } from '../../components/Field.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'

const REASONS = [
  'no-ticket-needed',
  'duplicate',
  'wrong-number',
  'private',
  'other',
] as const satisfies readonly DiscardReason[]

export function DiscardDialog({ draftId }: { readonly draftId: DraftId }) {
  const { t } = useTranslator()
  const { act } = usePage()
  const [reason, setReason] = useState<DiscardReason>('no-ticket-needed')
  const [note, setNote] = useState('')
  const discard = () => {
    act.closeDialog()
    const trimmedNote = note.trim()
    act.discard(draftId, { kind: 'discard', reason, ...(trimmedNote ? { note: trimmedNote } : {}) })
  }
  return (
    <Dialog
      title={t('draft.discardTitle')}
      text={t('draft.discardText')}
      onCancel={act.closeDialog}
      buttons={
        <>
          <Button onPress={act.closeDialog}>{t('app.cancel')}</Button>
          <Button variant="destroy" onPress={discard}>
            {t('draft.discard')}
          </Button>
        </>
      }
    >
      <div className="reasons" role="radiogroup" aria-label={t('draft.discardTitle')}>
        {REASONS.map((each) => (
          <label key={each} className="reasons__one">
            <input
              type="radio"
              name="reason"
              checked={reason === each}
              autoFocus={each === 'no-ticket-needed'}
              onChange={() => setReason(each)}
            />
            {t(`draft.discardReason.${each}`)}
          </label>
        ))}
      </div>
      <TextField label={t('draft.discardNote')} value={note} maxLength={400} onChange={setNote} />
    </Dialog>
  )
}
