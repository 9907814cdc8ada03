import './call.css'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useScreen, useSinceSnapshot, useSnapshot } from '../../page/page.ts'
import { cardOnScreen } from '../../page/cardOnScreen.ts'
import { DraftPane } from '../draft/DraftPane.tsx'
import { CallerHead } from './CallerHead.tsx'
import { EraseDialog } from '../transcript/EraseDialog.tsx'
import { RecentCalls } from './RecentCalls.tsx'
import { Ready } from './Ready.tsx'
import { Transcript } from './Transcript.tsx'

/** Shows the current call, its transcript and its ticket: technicians keep this view open all day. */
export function CallView() {
  const { t } = useTranslator()
  const { act } = usePage()
  const { calls, drafts, shown } = useSnapshot()
  const pane = useScreen((screen) => screen.pane)
  const dialog = useScreen((screen) => screen.dialog)
  const call = calls.find(({ callId }) => callId === shown)
  return (
    <div
      className="call"
      data-pane={call ? pane : 'talk'}
      data-busy={call !== undefined || drafts.length > 0}
    >
      <h1 className="hidden">{t('call.title')}</h1>
      <div className="call__head">{call ? <CallerHead call={call} /> : <Ready />}</div>
      <Panes />
      <section className="call__talk" id="pane-talk" aria-label={t('transcript.title')} tabIndex={-1}>
        {call ? <Transcript call={call} /> : <RecentCalls />}
      </section>
      <section className="call__ticket" id="pane-ticket" aria-label={t('draft.title')} tabIndex={-1}>
        <DraftPane />
      </section>
      {dialog === 'erase' ? <EraseDialog onErase={() => act.actOnCall('erase')} /> : null}
    </div>
  )
}

/** Draws the two tabs of a narrow window. The ticket's tab shows the countdown, so that nobody forgets it. */
function Panes() {
  const { t } = useTranslator()
  const { act } = usePage()
  const desk = useSnapshot()
  const pane = useScreen((screen) => screen.pane)
  const chosenDraft = useScreen((screen) => screen.chosenDraft)
  const state = cardOnScreen(desk, chosenDraft ? { chosenDraft } : {})?.draft.state
  const countsDown = state?.at === 'countdown' && desk.hub.at === 'open'
  const sinceMs = useSinceSnapshot(countsDown)
  const left = state?.at === 'countdown' && countsDown ? Math.max(0, state.remainingMs - sinceMs) : undefined
  return (
    <div className="call__panes" role="tablist" aria-label={t('call.title')}>
      {(['talk', 'ticket'] as const).map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          className="call__tab"
          aria-selected={pane === name}
          aria-controls={`pane-${name}`}
          onClick={() => act.pane(name)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
            const other = name === 'talk' ? 'ticket' : 'talk'
            act.pane(other)
            event.currentTarget.parentElement
              ?.querySelector<HTMLElement>(`[aria-controls="pane-${other}"]`)
              ?.focus()
          }}
          tabIndex={pane === name ? 0 : -1}
        >
          {t(name === 'talk' ? 'transcript.title' : 'draft.title')}
          {name === 'ticket' && left !== undefined ? (
            <span className="tabular">
              {Math.ceil(left / 1_000)} {t('draft.seconds')}
            </span>
          ) : null}
        </button>
      ))}
    </div>
  )
}
