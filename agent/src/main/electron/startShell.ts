import { hostname } from 'node:os'
import path from 'node:path'
import { app } from 'electron'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Random } from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { ulid } from 'ulid'
import { startWhole } from '../process/startWhole.ts'
import { createContactUrlSource } from '../detection/contactUrlSource.ts'
import type { Desk } from '../desk/desk.ts'
import type { DeskPlatform } from '../desk/ports.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { readPolicies } from '../policy/readPolicy.ts'
import { openSecrets, type Secrets } from '../process/secrets.ts'
import { openSettings, watchSettings, type Settings, type SettingsFile } from '../process/settings.ts'
import { startDeskAgent, type DeskAgent, type DeskAgentNeeds } from '../app/startDesk.ts'
import { openDurableFile } from '../storage/durableFile.ts'
import { findHubs } from '../web/findHubs.ts'
import { askHubHealth } from '../web/hubHealth.ts'
import { callLinkOf } from './callLink.ts'
import { openDeskIpc } from './deskIpc.ts'
import { openDeskWindow, type DeskWindow } from './deskWindow.ts'
import { closeDoors } from './guards.ts'
import { openHotkeys } from './hotkeys.ts'
import { showNotice } from './notifications.ts'
import { servePage } from './pageScheme.ts'
import { openPlatform, type Platform } from './platform.ts'
import { watchPower } from './power.ts'
import { safeVault } from './safeVault.ts'
import { createShellWatch } from './shellWatch.ts'
import { createSoundWindow } from './soundWindow.ts'
import { startWithSystem } from './startWithSystem.ts'
import { SHELL_TEXTS } from './texts.ts'
import { openTray } from './tray.ts'
import { savedBounds } from './windowBounds.ts'

/** What the desktop application is started with, by Electron's entry. */
export interface ShellNeeds {
  readonly argv: readonly string[]
  readonly random: Random
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** Paths of the built pages, the icons and the capture helper. */
  readonly files: Readonly<
    Record<'page' | 'soundPage' | 'preload' | 'soundPreload' | 'icons' | 'helper', string>
  >
}

/** The running desktop application, steered by the operating system. */
export interface Shell {
  open(): void
  /** Opens the 3CX client's link among the arguments of a second start, or the window where there is none. */
  secondStart(argv: readonly string[]): void
  stop(): Promise<void>
}

/**
 * Starts the desktop application: the agent and its desk, then window, tray, hotkeys and the signals of the operating system. Rejects with
 * the remedy, with everything closed again. Knows nothing of calls: those live in call/ and desk/.
 */
export const startShell = (needs: ShellNeeds): Promise<Shell> =>
  startWhole(needs.log, (closers) => startParts(needs, closers))

async function startParts(needs: ShellNeeds, closers: Closers): Promise<Shell> {
  const { log, files, environment } = needs
  const stored = await openStored(needs)
  const { settings } = stored
  const platform = openPlatform({
    platform: process.platform,
    settings,
    environment,
    clock: systemClock,
    log,
    page: createSoundWindow({ preload: files.soundPreload }),
    helper: files.helper,
  })
  const links = createContactUrlSource({ clock: systemClock })
  const deskAgent = await startServedAgent(needs, stored, {
    source: platform.sound,
    callSources: [...platform.callSources, links],
    platform: deskPlatform({ ...stored, platform, log }),
  })
  closers.add('agent', () => deskAgent.stop())
  const { agent, desk } = deskAgent
  // The window shows the refusal of a hub, and a new enrollment is possible there.
  agent.refused.catch(() => undefined)
  const ipc = openDeskIpc(desk)
  closers.add('page', () => ipc.stop())
  const window = await openSavedWindow(needs, stored)
  closers.add('window', () => window.destroy())
  openSigns(needs, closers, { desk, window, settings })
  watchPower({ awake: agent.resumed, shutdown: () => app.quit() })
  const openLink = (link: string) => log.info({ outcome: links.open(link) }, 'link.opened')
  const first = callLinkOf(needs.argv)
  if (first) openLink(first)

  return {
    open: window.open,
    secondStart(argv) {
      const link = callLinkOf(argv)
      if (link) openLink(link)
      else window.open()
    },
    stop: closers.closeAll,
  }
}

/** The values of this PC that outlive a start. */
interface Stored {
  readonly folder: string
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly enrollmentKey: string
}

async function openStored({ log, environment }: ShellNeeds): Promise<Stored> {
  const folder = app.getPath('userData')
  const { policy, installer } = await readPolicies({
    platform: process.platform,
    systemRoot: environment.SystemRoot,
    onIgnored: (ignored) => log.warn(ignored, 'policy.ignored'),
  })
  const file = await openSettings({
    path: path.join(folder, 'agent-settings.json'),
    environment,
    managed: { policy: policy.values, installer: installer.values },
  })
  const keepStart = ({ startWithSystem: wanted }: Settings) => startWithSystem({ wanted, environment, log })
  const settings = watchSettings(file, keepStart)
  keepStart(settings.value)
  return {
    folder,
    settings,
    secrets: await openSecrets(safeVault(path.join(folder, 'secrets.bin'))),
    enrollmentKey: policy.enrollmentKey ?? installer.enrollmentKey ?? '',
  }
}

/** Serves the page before the agent starts: the agent resumes a call that a crash interrupted, and captures it through a page of ours. */
async function startServedAgent(
  { files, random, log }: ShellNeeds,
  stored: Stored,
  parts: Pick<DeskAgentNeeds, 'source' | 'callSources' | 'platform'>,
): Promise<DeskAgent> {
  const started: { agent?: DeskAgent } = {}
  closeDoors()
  servePage({
    folder: files.page,
    soundPage: files.soundPage,
    openRecording: async (recordingId) => started.agent?.openRecording(recordingId),
    soundTest: () => started.agent?.soundTest(),
  })
  started.agent = await startDeskAgent({
    ...stored,
    ...parts,
    clock: systemClock,
    random,
    newId: ulid,
    log,
  })
  return started.agent
}

async function openSavedWindow(
  { argv, files, log }: ShellNeeds,
  { folder, settings }: Stored,
): Promise<DeskWindow> {
  const saved = await openDurableFile({
    path: path.join(folder, 'window.json'),
    schema: savedBounds,
    empty: { version: 1 },
    onBroken: ({ detail }) => log.warn({ detail }, 'window.bounds-broken'),
  })
  return openDeskWindow({
    preload: files.preload,
    title: SHELL_TEXTS[settings.value.locale].name,
    bounds: saved.value.bounds,
    saveBounds: (bounds) =>
      void saved
        .save({ version: 1, bounds })
        .catch((error: unknown) => log.warn({ cause: causeOf(error) }, 'window.bounds-not-saved')),
    hidden: argv.includes('--hidden'),
    clock: systemClock,
    log,
  })
}

/** Opens what shows and steers the agent outside the window: tray, notifications, hotkeys. */
function openSigns(
  { files, log }: ShellNeeds,
  closers: Closers,
  of: { readonly desk: Desk; readonly window: DeskWindow; readonly settings: SettingsFile },
): void {
  const { desk, window, settings } = of
  const tray = openTray({ icons: files.icons, onCommand: (command) => watch.command(command) })
  closers.add('tray', () => tray.destroy())
  const watch = createShellWatch({
    desk,
    locale: () => settings.value.locale,
    window,
    onTray: tray.show,
    onNotice: (notice) => showNotice(notice, window.open),
    onQuit: () => app.quit(),
  })
  closers.add('watch', () => watch.stop())
  const hotkeys = openHotkeys(watch.command, (key) => log.warn({ key }, 'hotkey.taken'))
  closers.add('hotkeys', () => hotkeys.stop())
}

function deskPlatform(needs: {
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly enrollmentKey: string
  readonly platform: Platform
  readonly log: Logger
}): Omit<DeskPlatform, 'callSources'> {
  const { settings, secrets, platform, log } = needs
  return {
    devices: platform.devices,
    microphonePrograms: platform.microphonePrograms,
    findHubs: () => findHubs({ clock: systemClock, log }),
    async hubHealth() {
      const { hub } = settings.value
      if (!hub) throw new Error('the address of the hub is not set')
      return askHubHealth(hub, secrets.identity()?.ca)
    },
    soundSource: platform.sound.name,
    soundOrigins: platform.soundOrigins,
    isEnrolled: () => secrets.identity() !== undefined || needs.enrollmentKey !== '',
    isPinned: () => secrets.identity()?.ca !== undefined,
    app: 'desktop',
    machine: hostname(),
    version: app.getVersion(),
  }
}
