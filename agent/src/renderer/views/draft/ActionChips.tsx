import './chips.css'
import { useState } from 'react'
import type { DraftFields } from '@3cx-ninja/protocol'
import { Button } from '../../components/Button.tsx'
import { Icon } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'

type Actions = DraftFields['actions']

const MAX_ACTIONS = 30

/** Shows the actions of the ticket; a click ticks one off. */
export function ActionChips(props: {
  readonly actions: Actions
  readonly onBegin: () => void
  readonly onChange: (actions: Actions) => void
}) {
  const { t } = useTranslator()
  const [text, setText] = useState('')
  const { actions, onChange } = props
  const add = () => {
    const added = text.trim()
    if (!added || actions.length >= MAX_ACTIONS) return
    onChange([...actions, { text: added, done: false }])
    setText('')
  }
  return (
    <div className="field" role="group" aria-label={t('draft.fields.actions')}>
      <p className="field__label" aria-hidden="true">
        {t('draft.fields.actions')}
      </p>
      <div className="chips">
        {actions.map((action, at) => (
          <span key={`${at}-${action.text}`} className="chip" data-done={action.done}>
            <button
              type="button"
              className="chip__text"
              aria-pressed={action.done}
              aria-label={t(action.done ? 'draft.actionDone' : 'draft.actionOpen', { text: action.text })}
              onClick={() =>
                onChange(actions.map((each) => (each === action ? { ...each, done: !each.done } : each)))
              }
            >
              {action.done ? <Icon name="check" /> : null}
              {action.text}
            </button>
            <button
              type="button"
              className="chip__remove"
              aria-label={t('draft.removeAction', { text: action.text })}
              onClick={() => onChange(actions.filter((each) => each !== action))}
            >
              <Icon name="cross" />
            </button>
          </span>
        ))}
        {actions.length < MAX_ACTIONS ? (
          <span className="chips__add">
            <input
              className="input"
              value={text}
              maxLength={300}
              data-enter="own"
              placeholder={t('draft.addAction')}
              aria-label={t('draft.addAction')}
              onFocus={props.onBegin}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && !event.ctrlKey) add()
              }}
            />
            {text.trim() ? <Button onPress={add}>{t('draft.addActionConfirm')}</Button> : null}
          </span>
        ) : null}
      </div>
    </div>
  )
}
