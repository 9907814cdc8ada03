import type { DeskCall, DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import { SHELL_TEXTS, type ShellLocale } from './texts.ts'

/** The picture of the tray icon; each has a file of its own. */
export type TrayIcon = 'idle' | 'away' | 'ringing' | 'recording' | 'paused' | 'draft'
/** A command of the menu of the tray icon. */
export type TrayCommand = 'open' | 'start' | 'pause' | 'resume' | 'mark' | 'quit'

/** What the tray shows: picture, tooltip and menu. */
export interface TrayModel {
  readonly icon: TrayIcon
  readonly tooltip: string
  readonly menu: readonly { readonly command: TrayCommand; readonly label: string }[]
}

type State = keyof (typeof SHELL_TEXTS)['fr']['state']
const ICONS: Readonly<Record<State, TrayIcon>> = {
  'set-up': 'away',
  away: 'away',
  idle: 'idle',
  ringing: 'ringing',
  recording: 'recording',
  talking: 'paused',
  paused: 'paused',
  draft: 'draft',
}

/** Returns what the tray shows. A running recording comes before everything else. */
export function trayModelOf(desk: DeskSnapshot, locale: ShellLocale): TrayModel {
  const texts = SHELL_TEXTS[locale]
  const call = desk.calls.find(({ phase }) => phase === 'talking' || phase === 'held')
  const state = stateOf(desk, call)
  return {
    icon: ICONS[state],
    tooltip: `${texts.name} · ${texts.state[state]}`,
    menu: [
      { command: 'open', label: texts.open },
      ...commandsFor(call).map((command) => ({ command, label: texts[command] })),
      { command: 'quit', label: texts.quit },
    ],
  }
}

function stateOf(desk: DeskSnapshot, call: DeskCall | undefined): State {
  if (call?.recording.at === 'on') return 'recording'
  if (call?.recording.at === 'paused') return 'paused'
  if (call) return 'talking'
  if (desk.setUp === 'needed') return 'set-up'
  if (desk.calls.some(({ phase }) => phase === 'ringing')) return 'ringing'
  if (desk.drafts.some(({ draft }) => ['proposed', 'countdown'].includes(draft.state.at))) return 'draft'
  return desk.hub.at === 'open' ? 'idle' : 'away'
}

function commandsFor(call: DeskCall | undefined): readonly ('start' | 'pause' | 'resume' | 'mark')[] {
  switch (call?.recording.at) {
    case 'on':
      return ['pause', 'mark']
    case 'paused':
      return ['resume']
    case undefined:
    case 'none':
    case 'elsewhere':
      return ['start']
    case 'complete':
    case 'erased':
    case 'refused':
      return []
  }
}
