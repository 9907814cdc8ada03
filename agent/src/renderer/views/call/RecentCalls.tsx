import '../history/history.css'
import './recent.css'
import { useEffect, useState } from 'react'
import type { Output } from '../../../ipc/channels.ts'
import { Button } from '../../components/Button.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'
import { Entry } from '../history/Entry.tsx'

const SHOWN = 6

/** Shows the latest calls between calls; a click opens one in the history. */
export function RecentCalls() {
  const { t } = useTranslator()
  const { act, bridge, screen } = usePage()
  const [found, setFound] = useState<Output<'searchCalls'>>()
  useEffect(() => {
    void bridge.searchCalls({ words: '', skip: 0, limit: SHOWN }).then((answer) => {
      if (answer.ok) setFound(answer.value)
    })
  }, [bridge])
  if (!found || found.total === 0) return <p className="transcript__empty">{t('transcript.empty')}</p>
  return (
    <div className="recent">
      <div className="recent__head">
        <h2 className="recent__title">{t('call.recent')}</h2>
        <Button variant="quiet" icon="history" onPress={() => act.go('history')}>
          {t('call.allCalls')}
        </Button>
      </div>
      {found.calls.map((call) => (
        <Entry
          key={call.callId}
          call={call}
          words=""
          isOpen={false}
          onOpen={() => screen.setState({ view: 'history', openCall: call.callId })}
        />
      ))}
    </div>
  )
}
