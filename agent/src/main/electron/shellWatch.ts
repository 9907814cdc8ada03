import type { DeskEvent } from '../../ipc/channels.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { Desk } from '../desk/desk.ts'
import { noticesOf, wantsToBeSeen, type Notice } from './notices.ts'
import type { ShellLocale } from './texts.ts'
import { trayModelOf, type TrayModel } from './trayModel.ts'

/** A command that comes from outside the window: tray or hotkey. */
export type ShellCommand =
  'open' | 'start' | 'pause' | 'resume' | 'mark' | 'quit' | 'pause-or-resume' | 'start-or-stop'

/** The desk, the window, and what shows the tray and the notices. */
export interface ShellWatchNeeds {
  readonly desk: Pick<Desk, 'connect'>
  readonly locale: () => ShellLocale
  readonly window: { open(): void; peek(): void; isOnScreen(): boolean }
  readonly onTray: (model: TrayModel) => void
  readonly onNotice: (notice: Notice) => void
  readonly onQuit: () => void
}

/** Follows the desk for the shell until it is stopped. */
export interface ShellWatch {
  command(command: ShellCommand): void
  stop(): void
}

/**
 * Connects to the desk like a page, shows tray and notices while the window is hidden, and sends the commands as user
 * actions. Never throws.
 */
export function createShellWatch(needs: ShellWatchNeeds): ShellWatch {
  const { window } = needs
  let desk: DeskSnapshot | undefined

  const apply = (event: DeskEvent) => {
    if (event.kind !== 'snapshot') return
    const previous = desk
    desk = event.desk
    const locale = needs.locale()
    needs.onTray(trayModelOf(desk, locale))
    if (previous && wantsToBeSeen(previous, desk)) window.peek()
    for (const notice of noticesOf(previous, desk, locale)) if (!window.isOnScreen()) needs.onNotice(notice)
  }
  const client = needs.desk.connect(apply)
  const act = (action: 'start' | 'stop' | 'pause' | 'resume' | 'mark') =>
    void client.call({ name: 'actOnCall', input: { action } })
  const recording = () =>
    desk?.calls.find(({ phase }) => phase === 'talking' || phase === 'held')?.recording.at

  return {
    command(command) {
      switch (command) {
        case 'open':
          return window.open()
        case 'quit':
          return needs.onQuit()
        case 'pause-or-resume':
          return act(recording() === 'paused' ? 'resume' : 'pause')
        case 'start-or-stop':
          return act(recording() === 'on' || recording() === 'paused' ? 'stop' : 'start')
        case 'start':
        case 'pause':
        case 'resume':
        case 'mark':
          return act(command)
      }
    },
    stop: () => client.close(),
  }
}
