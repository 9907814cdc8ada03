import { homedir } from 'node:os'
import { app } from 'electron'
import { causeOf, type Logger } from '../process/log.ts'
import type { Settings } from '../process/settings.ts'
import { keepAutostart } from './autostartFile.ts'

const ARGS = ['--hidden']

/**
 * Registers the application to start with the system, hidden in the tray, or no longer. Only the installed application: a
 * checkout comes and goes. Logs a failure and never throws.
 */
export function startWithSystem({
  wanted,
  environment,
  log,
}: {
  readonly wanted: Settings['startWithSystem']
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Logger
}): void {
  if (!app.isPackaged) return
  if (process.platform === 'linux') {
    keepAutostart(wanted, { environment, home: homedir(), program: process.execPath }).catch(
      (error: unknown) =>
        log.warn(
          { cause: causeOf(error), remedy: 'check the rights of ~/.config/autostart' },
          'autostart.failed',
        ),
    )
    return
  }
  // An entry that the user switched off in the settings of Windows is still registered; registering again would switch it on.
  if (wanted === 'yes' && app.getLoginItemSettings({ args: ARGS }).openAtLogin) return
  app.setLoginItemSettings({ openAtLogin: wanted === 'yes', args: ARGS })
}
