import './keys.css'
import { useState } from 'react'
import { Button } from '../../components/Button.tsx'
import { Caps } from '../../components/Caps.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { questionMark } from '../../keys/questionMark.ts'
import { SHORTCUTS, type KeyAction } from '../../keys/shortcuts.ts'
import { usePage } from '../../page/page.ts'

/** The shortcuts are grouped by their use: during the call, at the ticket, between views. */
const GROUPS = {
  call: ['manual', 'pause', 'mark', 'erase', 'takeBackJoin'],
  ticket: ['file', 'fileAnywhere', 'hold', 'undo', 'open'],
  window: ['call', 'history', 'settings', 'diagnosis', 'find', 'help'],
} as const satisfies Record<string, readonly KeyAction[]>

/** Lists every shortcut of the window. */
export function KeysDialog() {
  const { t } = useTranslator()
  const { act } = usePage()
  const [on, setOn] = useState(questionMark.isOn)
  return (
    <Dialog
      title={t('settings.shortcuts')}
      text={t('keys.intro')}
      variant="wide"
      onCancel={act.closeDialog}
      buttons={
        <Button onPress={act.closeDialog} autoFocus>
          {t('app.close')}
        </Button>
      }
    >
      <div className="keys">
        {(['call', 'ticket', 'window'] as const).map((group) => (
          <section key={group} aria-labelledby={`keys-${group}`}>
            <h3 className="keys__title" id={`keys-${group}`}>
              {t(`keys.group.${group}`)}
            </h3>
            <ul className="shortcuts">
              {GROUPS[group].map((name) => (
                <li key={name} className="shortcuts__one">
                  {t(SHORTCUTS[name].textKey)}
                  <Caps shortcut={SHORTCUTS[name]} />
                  <span className="hidden">{SHORTCUTS[name].aria}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <label className="keys__choice">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            questionMark.set(event.target.checked ? 'on' : 'off')
            setOn(event.target.checked)
          }}
        />
        {t('keys.questionMark')}
      </label>
    </Dialog>
  )
}
