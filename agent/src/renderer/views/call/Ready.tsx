import './caller.css'
import './recent.css'
import { Button } from '../../components/Button.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'

/** Shows, without a call, what will happen next and how to start a call manually. */
export function Ready() {
  const { t } = useTranslator()
  const { act } = usePage()
  const { hub } = useSnapshot()
  return (
    <div className="ready">
      <div>
        <h2 className="caller__name">{t('call.ready')}</h2>
        <p className="caller__detail">{t(hub.at === 'open' ? 'call.readyHint' : 'call.readyNoHub')}</p>
      </div>
      <Button icon="phone" shortcut={SHORTCUTS.manual} onPress={act.startOrStop}>
        {t('call.start')}
      </Button>
    </div>
  )
}
