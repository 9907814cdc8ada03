import './form.css'
import type { Draft, DraftChanges, DraftFields, Priority } from '@3cx-ninja/protocol'
import { Choices, TextField } from '../../components/Field.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { ActionChips } from './ActionChips.tsx'

const PRIORITIES = ['NONE', 'LOW', 'MEDIUM', 'HIGH'] as const satisfies readonly Priority[]

export function DraftForm(props: {
  readonly fields: DraftFields
  readonly evidence: Draft['evidence']
  readonly onEdit: (changes: DraftChanges) => void
  /** Called when a field gets the focus. */
  readonly onBegin: () => void
}) {
  const { t } = useTranslator()
  const { fields, evidence, onEdit, onBegin } = props
  const because = (words: readonly string[]) =>
    words.length > 0 ? t('draft.evidence', { words: words.slice(0, 3).join(', ') }) : undefined
  return (
    <div className="card__fields">
      <TextField
        label={t('draft.fields.title')}
        value={fields.title}
        maxLength={200}
        onFocus={onBegin}
        onChange={(title) => onEdit({ title })}
      />
      <TextField
        label={t('draft.fields.description')}
        value={fields.description}
        lines
        maxLength={20_000}
        onFocus={onBegin}
        onChange={(description) => onEdit({ description })}
      />
      <div className="card__pair">
        <TextField
          label={t('draft.fields.contact')}
          value={fields.contactName ?? ''}
          placeholder={t('draft.noContact')}
          maxLength={320}
          onFocus={onBegin}
          // Another name is another person: the hub gives a name that the helpdesk has exactly once its id.
          onChange={(name) => onEdit({ contactName: name || null, contactId: null })}
        />
        <TextField
          label={t('draft.fields.organization')}
          value={fields.organizationName ?? ''}
          placeholder={t('draft.noContact')}
          maxLength={320}
          onFocus={onBegin}
          onChange={(name) => onEdit({ organizationName: name || null, organizationId: null })}
        />
      </div>
      <div className="card__pair card__pair--wide">
        <TextField
          label={t('draft.fields.category')}
          value={fields.category}
          hint={because(evidence.category)}
          maxLength={80}
          onFocus={onBegin}
          onChange={(category) => onEdit({ category })}
        />
        <Choices
          label={t('draft.fields.priority')}
          value={fields.priority}
          hint={because(evidence.priority)}
          choices={PRIORITIES.map((value) => ({ value, label: t(`draft.priority.${value}`) }))}
          onChange={(value) => onEdit({ priority: value })}
        />
      </div>
      <ActionChips actions={fields.actions} onBegin={onBegin} onChange={(actions) => onEdit({ actions })} />
    </div>
  )
}
