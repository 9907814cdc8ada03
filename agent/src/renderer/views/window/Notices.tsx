import './notices.css'
import { Icon } from '../../components/Icon.tsx'
import { useSpeech } from '../../i18n/texts.ts'
import { useScreen } from '../../page/page.ts'

export function Notices() {
  const { maybe } = useSpeech()
  const notices = useScreen((screen) => screen.notices)
  return (
    <div className="notices" role="status">
      {notices.map(({ id, tone, text }) => (
        <p key={id} className="notice">
          <Icon name={tone === 'good' ? 'check' : 'alert'} />
          {maybe(text) ?? text}
        </p>
      ))}
    </div>
  )
}
