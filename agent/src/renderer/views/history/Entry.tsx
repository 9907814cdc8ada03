import { Badge, type Tone } from '../../components/Badge.tsx'
import { callTime, clockTime, formatPhoneNumber } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { pageClock } from '../../clock.ts'
import type { PastCall } from '../../../ipc/channels.ts'
import { splitFound } from '../transcript/splitFound.ts'

export const TICKET_TONE: Readonly<Record<PastCall['ticket']['at'], Tone>> = {
  none: 'plain',
  waiting: 'accent',
  discarded: 'plain',
  blocked: 'warn',
  filed: 'good',
}

export function Entry(props: {
  readonly call: PastCall
  readonly words: string
  readonly isOpen: boolean
  readonly onOpen: () => void
}) {
  const { t, locale } = useTranslator()
  const { call } = props
  const number = call.number ? formatPhoneNumber(call.number) : undefined
  return (
    <button
      type="button"
      className="entry"
      aria-current={props.isOpen ? 'true' : undefined}
      onClick={props.onOpen}
    >
      <span className="entry__top">
        <span className="entry__name">{call.name ?? number ?? t('call.unknownCaller')}</span>
        <span className="entry__time">
          {callTime(call.startedAtMs, pageClock.wallClockMs(), locale)}
          {call.talkMs === undefined ? '' : ` · ${clockTime(call.talkMs)}`}
        </span>
      </span>
      <span className="entry__title">{call.title ?? call.organization ?? number ?? ''}</span>
      {call.found ? (
        <span className="entry__found">
          {splitFound(call.found, props.words).map((part, at) =>
            part.isMatch ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>,
          )}
        </span>
      ) : null}
      <span className="entry__foot">
        {call.missed ? (
          <Badge tone="warn">{t('history.missed')}</Badge>
        ) : (
          <TicketBadge ticket={call.ticket} />
        )}
      </span>
    </button>
  )
}

export function TicketBadge({ ticket }: { readonly ticket: PastCall['ticket'] }) {
  const { t } = useTranslator()
  return (
    <Badge tone={TICKET_TONE[ticket.at]}>
      {ticket.at === 'filed'
        ? t('history.ticket.filed', { number: ticket.ticketId })
        : t(`history.ticket.${ticket.at}`)}
    </Badge>
  )
}
