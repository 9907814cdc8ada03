import type { Draft } from '@3cx-ninja/protocol'
import './pendingChange.css'
import { Badge } from '../../components/Badge.tsx'
import { Button } from '../../components/Button.tsx'
import { pageClock } from '../../clock.ts'
import { callTime } from '../../i18n/format.ts'
import { useSpeech } from '../../i18n/texts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'
import type { DeskWish } from '../../../ipc/deskSnapshot.ts'
import type { Takes } from '../../../ipc/channels.ts'

type Answer = Takes<'answerWish'>['answer']

/** What the technician wants and the hub does not have yet; what must be chosen; what the hub did not take. */
export function OwnWish(props: {
  readonly draft: Pick<Draft, 'draftId' | 'state'>
  readonly wish: DeskWish
}) {
  const { draft, wish } = props
  const { draftId } = draft
  const { t, locale } = useSpeech()
  const { act, bridge } = usePage()
  const { hub } = useSnapshot()
  const { decision, texts } = wish
  const say = (answer: Answer) => void bridge.answerWish({ draftId, answer }).then(act.isDone)
  const drop = { about: 'decision', use: 'drop' } as const
  if (wish.at === 'undelivered')
    return (
      <section className="wish wish--bad" role="alert">
        <p className="wish__said">
          {draft.state.at === 'discarded'
            ? t('draft.wish.discarded')
            : wish.why
              ? t(`draft.refused.${wish.why}`)
              : null}{' '}
          {decision ? t(`draft.wish.lost.${decision.choice}`) : null}{' '}
          {texts.length > 0 ? t('draft.wish.lostWords') : null}
        </p>
        {texts.map(({ field, mine }) => (
          <Words key={field} field={field} side="mine" text={mine} />
        ))}
        <div className="wish__foot">
          <Button onPress={() => say({ about: 'undelivered' })}>{t('draft.wish.seen')}</Button>
        </div>
      </section>
    )
  const isAway = hub.at !== 'open'
  if (isAway || wish.at !== 'asks')
    return (
      <section className="wish" role="status">
        <p className="wish__said">
          <Badge tone="accent">{t(isAway ? 'draft.wish.later' : 'draft.pending')}</Badge>{' '}
          {isAway && decision ? t(`draft.wish.will.${decision.choice}`) : null}
        </p>
        {isAway && decision ? <Button onPress={() => say(drop)}>{t('draft.wish.drop')}</Button> : null}
      </section>
    )
  return (
    <section className="wish wish--warn" role="alert">
      {texts.length > 0 ? <p className="wish__said">{t('draft.wish.changed')}</p> : null}
      {texts.map(({ field, mine, hub: theirs }) => (
        <div key={field} className="wish__choice" role="group" aria-label={t(`draft.wish.field.${field}`)}>
          <Words field={field} side="mine" text={mine} />
          <Words field={field} side="hub" text={theirs} />
          <div className="wish__foot">
            <Button onPress={() => say({ about: 'field', field, use: 'mine' })}>
              {t('draft.wish.useMine')}
            </Button>
            <Button onPress={() => say({ about: 'field', field, use: 'hub' })}>
              {t('draft.wish.useHub')}
            </Button>
          </div>
        </div>
      ))}
      {decision?.asks ? (
        <>
          <p className="wish__said">
            {t(`draft.wish.ask.${decision.choice}`, {
              at: callTime(decision.madeAtMs, pageClock.wallClockMs(), locale),
            })}
          </p>
          <div className="wish__foot">
            <Button onPress={() => say({ about: 'decision', use: 'again' })}>
              {t(`draft.wish.again.${decision.choice}`)}
            </Button>
            <Button onPress={() => say(drop)}>{t('draft.wish.drop')}</Button>
          </div>
        </>
      ) : null}
    </section>
  )
}

function Words(props: {
  readonly field: DeskWish['texts'][number]['field']
  readonly side: 'mine' | 'hub'
  readonly text: string
}) {
  const { t } = useSpeech()
  const { field, side, text } = props
  return (
    <div className="wish__words">
      <p className="wish__whose">{`${t(`draft.wish.field.${field}`)} · ${t(`draft.wish.${side}`)}`}</p>
      <p className="wish__text">{text || t('draft.wish.empty')}</p>
    </div>
  )
}
