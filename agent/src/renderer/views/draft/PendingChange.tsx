import type { Draft } from '@3cx-ninja/protocol'
import './pendingChange.css'
import { Badge } from '../../components/Badge.tsx'
import { Button } from '../../components/Button.tsx'
import { pageClock } from '../../clock.ts'
import { callTime } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'
import type { DeskPendingChange } from '../../../ipc/deskSnapshot.ts'
import type { Input } from '../../../ipc/channels.ts'

type Answer = Input<'answerPendingChange'>['answer']

interface PendingChangeProps {
  readonly draft: Pick<Draft, 'draftId' | 'state'>
  readonly pending: DeskPendingChange
}

type Send = (answer: Answer) => void
const DROP: Answer = { kind: 'decision', resolution: 'drop' }

/**
 * Shows the technician's pending change: `waiting` until the hub has it, `needs-answer` while the technician must
 * choose between two versions, `undelivered` once the hub refused it and until the technician has read so.
 */
export function PendingChange({ draft, pending }: PendingChangeProps) {
  const { t } = useTranslator()
  const { act, bridge } = usePage()
  const { hub } = useSnapshot()
  const { decision } = pending
  const send: Send = (answer) =>
    void bridge.answerPendingChange({ draftId: draft.draftId, answer }).then(act.isDone)
  if (pending.at === 'undelivered') return <Undelivered draft={draft} pending={pending} onAnswer={send} />
  const isAway = hub.at !== 'open'
  if (!isAway && pending.at === 'needs-answer') return <NeedsAnswer pending={pending} onAnswer={send} />
  return (
    <section className="pending-change" role="status">
      <p className="pending-change__message">
        <Badge tone="accent">{t(isAway ? 'draft.pendingChange.later' : 'draft.sendingEdit')}</Badge>{' '}
        {isAway && decision ? t(`draft.pendingChange.decided.${decision.choice}`) : null}
      </p>
      {isAway && decision ? (
        <Button onPress={() => send(DROP)}>{t('draft.pendingChange.drop')}</Button>
      ) : null}
    </section>
  )
}

function Undelivered(props: PendingChangeProps & { readonly onAnswer: Send }) {
  const { t } = useTranslator()
  const { draft, pending, onAnswer: send } = props
  const { decision, texts } = pending
  return (
    <section className="pending-change pending-change--bad" role="alert">
      <p className="pending-change__message">
        {draft.state.at === 'discarded'
          ? t('draft.pendingChange.discarded')
          : pending.why
            ? t(`draft.refused.${pending.why}`)
            : null}{' '}
        {decision ? t(`draft.pendingChange.undelivered.${decision.choice}`) : null}{' '}
        {texts.length > 0 ? t('draft.pendingChange.undeliveredTexts') : null}
      </p>
      {texts.map(({ field, mine }) => (
        <Words key={field} field={field} side="mine" text={mine} />
      ))}
      <div className="pending-change__foot">
        <Button onPress={() => send({ kind: 'undelivered' })}>{t('draft.pendingChange.acknowledge')}</Button>
      </div>
    </section>
  )
}

function NeedsAnswer(props: { readonly pending: DeskPendingChange; readonly onAnswer: Send }) {
  const { t, locale } = useTranslator()
  const { onAnswer: send } = props
  const { decision, texts } = props.pending
  return (
    <section className="pending-change pending-change--warn" role="alert">
      {texts.length > 0 ? (
        <p className="pending-change__message">{t('draft.pendingChange.changed')}</p>
      ) : null}
      {texts.map(({ field, mine, hub: theirs }) => (
        <div
          key={field}
          className="pending-change__choice"
          role="group"
          aria-label={t(`draft.pendingChange.field.${field}`)}
        >
          <Words field={field} side="mine" text={mine} />
          <Words field={field} side="hub" text={theirs} />
          <div className="pending-change__foot">
            <Button onPress={() => send({ kind: 'field', field, resolution: 'mine' })}>
              {t('draft.pendingChange.useMine')}
            </Button>
            <Button onPress={() => send({ kind: 'field', field, resolution: 'hub' })}>
              {t('draft.pendingChange.useHub')}
            </Button>
          </div>
        </div>
      ))}
      {decision?.needsConfirmation ? (
        <>
          <p className="pending-change__message">
            {t(`draft.pendingChange.confirm.${decision.choice}`, {
              at: callTime(decision.madeAtMs, pageClock.wallClockMs(), locale),
            })}
          </p>
          <div className="pending-change__foot">
            <Button onPress={() => send({ kind: 'decision', resolution: 'again' })}>
              {t(`draft.pendingChange.repeat.${decision.choice}`)}
            </Button>
            <Button onPress={() => send(DROP)}>{t('draft.pendingChange.drop')}</Button>
          </div>
        </>
      ) : null}
    </section>
  )
}

function Words(props: {
  readonly field: DeskPendingChange['texts'][number]['field']
  readonly side: 'mine' | 'hub'
  readonly text: string
}) {
  const { t } = useTranslator()
  const { field, side, text } = props
  return (
    <div className="pending-change__words">
      <p className="pending-change__label">{`${t(`draft.pendingChange.field.${field}`)} · ${t(`draft.pendingChange.${side}`)}`}</p>
      <p className="pending-change__text">{text || t('draft.pendingChange.empty')}</p>
    </div>
  )
}
