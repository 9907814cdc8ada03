import './summary.css'
import type { DraftFields } from '@3cx-ninja/protocol'
import { Icon } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'

/** Shows the fields of a decided draft, which can only be read. */
export function DraftSummary({ fields }: { readonly fields: DraftFields }) {
  const { t } = useTranslator()
  const facts = [
    ['contact', fields.contactName],
    ['organization', fields.organizationName],
    ['category', fields.category],
    ['priority', t(`draft.priority.${fields.priority}`)],
  ] as const
  return (
    <div className="summary-card">
      <h3 className="summary-card__title">{fields.title || t('draft.untitled')}</h3>
      {fields.description ? <p className="summary-card__text">{fields.description}</p> : null}
      <dl className="summary-card__facts">
        {facts.map(([name, value]) =>
          value ? (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{t(`draft.fields.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
      {fields.actions.length > 0 ? (
        <ul className="summary-card__actions" aria-label={t('draft.fields.actions')}>
          {fields.actions.map(({ text, done }, at) => (
            <li key={at}>
              {done ? <Icon name="check" /> : <span className="summary-card__dot">·</span>}
              <span className="hidden">{t(done ? 'draft.actionDone' : 'draft.actionOpen', { text })}</span>
              <span aria-hidden="true">{text}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}
