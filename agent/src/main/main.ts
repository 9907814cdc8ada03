import path from 'node:path'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { app, dialog } from 'electron'
import { pino } from 'pino'
import { createCrash } from './process/crash.ts'
import { causeOf } from './process/log.ts'
import { openLogFile } from './process/logFile.ts'
import { registerPageScheme } from './electron/pageScheme.ts'
import { startShell, type Shell } from './electron/startShell.ts'
import { SHELL_TEXTS } from './electron/texts.ts'

const built = path.resolve(import.meta.dirname, '..')
/** The shipped files: next to a packaged application, else in the checkout. */
const shipped = app.isPackaged ? process.resourcesPath : path.resolve(built, '..', '..')
const files = {
  page: path.join(built, 'renderer'),
  soundPage: path.join(built, 'sound'),
  preload: path.join(built, 'preload', 'preload.cjs'),
  soundPreload: path.join(built, 'preload', 'soundPreload.cjs'),
  icons: app.isPackaged ? path.join(shipped, 'icons') : path.join(shipped, 'resources', 'icons'),
  helper: app.isPackaged
    ? path.join(shipped, 'ninja-loopback.exe')
    : path.join(shipped, 'build', 'native', 'win-x64', 'ninja-loopback.exe'),
}
/** An agent that ran at least this long is started again after a crash. */
const STEADY_SECONDS = 30
const isAutoStart = process.argv.includes('--hidden')

app.setAppUserModelId('fr.3cx-ninja.agent') // Windows: one entry in the task bar, and notifications under our name
app.enableSandbox()
registerPageScheme()
if (app.requestSingleInstanceLock()) run()
else app.quit() // the running agent received our arguments

function run(): void {
  const logFile = openLogFile({ file: path.join(app.getPath('userData'), 'agent.log'), clock: systemClock })
  const log = pino({ name: 'agent' }, logFile)
  const crash = createCrash({
    log,
    clock: systemClock,
    close: async () => (await starting).stop(),
    end(code) {
      // The next start resumes with the next part; an agent that crashes at once is not started again.
      if (process.uptime() > STEADY_SECONDS) app.relaunch()
      logFile.flush()
      app.exit(code)
    },
  })
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  const starting = app.whenReady().then(() => {
    app.setAsDefaultProtocolClient('3cx-ninja')
    return startShell({ argv: process.argv, random: Math.random, environment: process.env, log, files })
  })
  const withShell = (act: (shell: Shell) => void) => void starting.then(act, () => undefined) // a failed start is shown below
  app.on('second-instance', (_event, argv) => withShell((shell) => shell.secondStart(argv)))
  app.on('open-url', (event, url) => {
    event.preventDefault() // macOS hands links over this way
    withShell((shell) => shell.secondStart([url]))
  })
  app.on('activate', () => withShell((shell) => shell.open()))
  app.on('window-all-closed', () => undefined) // the agent stays in the tray

  let isStopped = false
  app.on('before-quit', (event) => {
    if (isStopped) return
    event.preventDefault() // the recording is written first
    void starting
      .then((shell) => shell.stop())
      .catch((error: unknown) => log.error({ cause: causeOf(error) }, 'agent.stop-failed'))
      .finally(() => {
        isStopped = true
        logFile.flush()
        app.quit()
      })
  })
  starting.catch((error: unknown) => {
    log.error({ cause: causeOf(error) }, 'agent.not-started')
    if (!isAutoStart)
      dialog.showErrorBox(
        SHELL_TEXTS[app.getLocale().startsWith('fr') ? 'fr' : 'en'].failedStart,
        causeOf(error),
      )
    isStopped = true
    logFile.flush()
    app.exit(1)
  })
}
