import { hostname } from 'node:os'
import path from 'node:path'
import { app } from 'electron'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Random } from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { ulid } from 'ulid'
import { startWhole } from '../process/startWhole.ts'
import { createContactUrlSource } from '../detection/contactUrlSource.ts'
import type { DeskPlatform } from '../desk/ports.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { readPolicies } from '../policy/readPolicy.ts'
import { openSecrets, type Secrets } from '../process/secrets.ts'
import { openSettings, watchSettings, type Settings, type SettingsFile } from '../process/settings.ts'
import { startDeskAgent, type DeskAgent } from '../app/startDesk.ts'
import { openDurableFile } from '../storage/durableFile.ts'
import { findHubs } from '../web/findHubs.ts'
import { askHubHealth } from '../web/hubHealth.ts'
import { callLinkOf } from './callLink.ts'
import { openDeskIpc } from './deskIpc.ts'
import { openDeskWindow } from './deskWindow.ts'
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

export interface ShellNeeds {
  readonly argv: readonly string[]
  readonly random: Random
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** Where what is built and shipped lies. */
  readonly files: Readonly<
    Record<'page' | 'soundPage' | 'preload' | 'soundPreload' | 'icons' | 'helper', string>
  >
}

export interface Shell {
  open(): void
  /** What a second start was given: a link of the 3CX client, or nothing: then the window is wanted. */
  secondStart(argv: readonly string[]): void
  stop(): Promise<void>
}

/** The desktop application: agent and desk, and around them window, tray, hotkeys and the operating system. */
export const startShell = (needs: ShellNeeds): Promise<Shell> =>
  startWhole(needs.log, (closers) => startParts(needs, closers))

async function startParts(needs: ShellNeeds, closers: Closers): Promise<Shell> {
  const { log, files, environment } = needs
  const clock = systemClock
  const folder = app.getPath('userData')
  const { policy, installer } = await readPolicies({
    platform: process.platform,
    systemRoot: environment.SystemRoot,
    onIgnored: (odd) => log.warn(odd, 'policy.ignored'),
  })
  const file = await openSettings({
    path: path.join(folder, 'agent-settings.json'),
    environment,
    managed: { policy: policy.values, installer: installer.values },
  })
  const keepStart = ({ startWithSystem: wanted }: Settings) => startWithSystem({ wanted, environment, log })
  const settings = watchSettings(file, keepStart)
  keepStart(settings.value)
  const secrets = await openSecrets(safeVault(path.join(folder, 'secrets.bin')))
  const enrollmentKey = policy.enrollmentKey ?? installer.enrollmentKey ?? ''
  const platform = openPlatform({
    platform: process.platform,
    settings,
    environment,
    clock,
    log,
    page: createSoundWindow({ preload: files.soundPreload }),
    helper: files.helper,
  })

  const links = createContactUrlSource({ clock })
  const around = surroundings({
    settings,
    secrets,
    enrollmentKey,
    platform,
    log,
  })
  // Before the agent: it goes on with a call that a crash interrupted, and hears it through a page of ours.
  const started: { agent?: DeskAgent } = {}
  closeDoors()
  servePage({
    folder: files.page,
    soundFolder: files.soundPage,
    openRecording: async (recordingId) => started.agent?.openRecording(recordingId),
    soundTest: () => started.agent?.soundTest(),
  })
  const deskAgent = await startDeskAgent({
    folder,
    settings,
    secrets,
    enrollmentKey,
    source: platform.sound,
    callSources: [...platform.callSources, links],
    platform: around,
    clock,
    random: needs.random,
    newId: ulid,
    log,
  })
  started.agent = deskAgent
  closers.add('agent', () => deskAgent.stop())
  const { agent, desk } = deskAgent
  // A hub that refuses for good is told in the window, where it can be set up anew.
  agent.refused.catch(() => undefined)
  const ipc = openDeskIpc(desk)
  closers.add('page', () => ipc.stop())
  const place = await openDurableFile({
    path: path.join(folder, 'window.json'),
    schema: savedBounds,
    empty: { version: 1 },
    onBroken: ({ detail }) => log.warn({ detail }, 'window.place-broken'),
  })
  const window = await openDeskWindow({
    preload: files.preload,
    title: SHELL_TEXTS[settings.value.locale].name,
    bounds: place.value.bounds,
    saveBounds: (bounds) =>
      void place
        .save({ version: 1, bounds })
        .catch((error: unknown) => log.warn({ cause: causeOf(error) }, 'window.place-not-kept')),
    hidden: needs.argv.includes('--hidden'),
    clock,
    log,
  })
  closers.add('window', () => window.destroy())
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
  watchPower({
    awake: agent.resumed,
    shutdown: () => app.quit(),
  })
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

function surroundings(needs: {
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
