import './head.css'
import type { DraftState } from '@3cx-ninja/protocol'
import { Icon, type IconName } from '../../components/Icon.tsx'
import { Ring } from '../../components/Ring.tsx'
import { useTranslator, type Translator } from '../../i18n/texts.ts'
import { useSinceSnapshot, useSnapshot } from '../../page/page.ts'
import type { DeskDraft } from '../../../ipc/deskSnapshot.ts'

type Sign = { readonly icon: IconName; readonly tone: 'plain' | 'good' | 'warn' | 'accent' }

const SIGNS: Readonly<Record<DraftState['at'], Sign>> = {
  collecting: { icon: 'ticket', tone: 'plain' },
  proposed: { icon: 'ticket', tone: 'accent' },
  countdown: { icon: 'ticket', tone: 'accent' },
  held: { icon: 'hold', tone: 'accent' },
  parked: { icon: 'hold', tone: 'plain' },
  filing: { icon: 'ticket', tone: 'accent' },
  filed: { icon: 'check', tone: 'good' },
  discarded: { icon: 'cross', tone: 'plain' },
  blocked: { icon: 'alert', tone: 'warn' },
}

/** The ring turns red at the same time. */
const LAST_MS = 5_000

/** Shows the state of the draft and the time until something happens by itself. */
export function DraftHead({ card }: { readonly card: DeskDraft }) {
  const translator = useTranslator()
  const { t } = translator
  const { hub } = useSnapshot()
  const { state } = card.draft
  // Without the hub nothing counts down: the countdown starts again when the hub is back. Rule D2.
  const suspended = state.at === 'countdown' && hub.at !== 'open'
  const runs = !suspended && (state.at === 'countdown' || state.at === 'filing')
  const sinceMs = useSinceSnapshot(runs)
  const left = Math.max(0, remainingMsOf(state) - sinceMs)
  const sign = suspended ? SIGNS.held : SIGNS[state.at]
  const away = hub.at !== 'open' && state.at !== 'filed' && state.at !== 'discarded'
  return (
    <header className="card__head">
      {state.at === 'countdown' && runs && left > 0 ? (
        <Ring leftMs={left} totalMs={state.totalMs} label={t('draft.countdownLabel')} />
      ) : (
        <span className="card__sign" data-tone={sign.tone}>
          <Icon name={sign.icon} />
        </span>
      )}
      <div className="card__message">
        {/* A screen reader announces the state when it changes, not at each second. */}
        <div role="status">
          <h2 className="card__state">{titleOf(state, suspended, translator)}</h2>
        </div>
        {/* A screen reader announces the end once, while there is time to stop it. */}
        <p className="hidden" aria-live="polite">
          {state.at === 'countdown' && runs && left > 0 && left <= LAST_MS ? t('draft.lastSeconds') : ''}
        </p>
        <p className="card__hint">{away ? t('draft.hint.away') : hintOf(state, left, translator)}</p>
        {/* The words of the helpdesk or the hub name the value or the right: an administrator needs them. */}
        {state.at === 'blocked' && state.detail ? (
          <p className="card__detail" lang="en" title={state.detail}>
            {state.detail}
          </p>
        ) : null}
      </div>
    </header>
  )
}

function titleOf(state: DraftState, suspended: boolean, { t }: Translator): string {
  if (suspended) return t('draft.suspended')
  return state.at === 'filed' ? t('draft.filed', { number: state.ticketId }) : t(`draft.state.${state.at}`)
}

function remainingMsOf(state: DraftState): number {
  if (state.at === 'countdown') return state.remainingMs
  return state.at === 'filing' ? state.undoRemainingMs : 0
}

function hintOf(state: DraftState, leftMs: number, { t }: Translator): string {
  const seconds = Math.ceil(leftMs / 1_000)
  switch (state.at) {
    case 'collecting':
    case 'proposed':
    case 'held':
    case 'parked':
      return t(`draft.hint.${state.at}`)
    case 'countdown':
      return t('draft.hint.countdown', { seconds })
    case 'filing':
      return leftMs > 0 ? t('draft.hint.filing', { seconds }) : t('draft.hint.sending')
    case 'filed':
      return ''
    case 'discarded':
      return [t(`draft.discardReason.${state.reason}`), state.note].filter(Boolean).join(' · ')
    case 'blocked':
      return t(`draft.blocked.${state.reason}`)
  }
}
