import { uptime } from 'node:os'
import path from 'node:path'
import type { Clock } from '@3cx-ninja/protocol'
import { SECOND_MS } from '@3cx-ninja/protocol'
import type { Output } from '../../ipc/channels.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { AudioSource } from '../capture/sources/audioSource.ts'
import { chooseSource } from '../capture/sources/chooseSource.ts'
import type { SoundPage } from '../capture/sources/chromiumSound.ts'
import { createPactl } from '../capture/sources/pulse/pactl.ts'
import type { CallSource } from '../detection/callSource.ts'
import { createPulseCallSource } from '../detection/pulseCallSource.ts'
import { windowsTuning } from '../detection/windows/tuning.ts'
import { createWindowsSources } from '../detection/windows/windowsSources.ts'
import { phonePrograms, windowsTargets } from '../telephone/phonePrograms.ts'
import type { Logger } from '../process/log.ts'
import type { SettingsFile } from '../process/settings.ts'
import { listPulseDevices } from '../web/pulseDevices.ts'
import { listPulsePrograms } from '../web/pulsePrograms.ts'

/** What the operating system gives: both channels of a call, its audio devices, and signs of calls. */
export interface Platform {
  readonly sound: AudioSource
  /** Returns where the audio of each channel comes from now. */
  soundOrigins(): DeskSnapshot['soundOrigins']
  readonly callSources: readonly CallSource[]
  devices(): Promise<Output<'listDevices'>>
  microphonePrograms(): Promise<Output<'listMicrophonePrograms'>['programs']>
}

/** What the choice of audio and call sources depends on. */
export interface PlatformNeeds {
  readonly platform: NodeJS.Platform
  readonly settings: SettingsFile
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Logger
  readonly page: SoundPage
  /** Windows: our capture helper. */
  readonly helper: string
}

/**
 * Returns the audio and call sources of this operating system. Throws with the remedy on a system whose audio cannot be
 * captured.
 */
export function openPlatform(needs: PlatformNeeds): Platform {
  const { platform, settings, environment, clock, log } = needs
  let soundOrigins: DeskSnapshot['soundOrigins'] = {}
  const signs = openSigns(needs)
  const { source, chromium } = chooseSource({
    platform,
    deviceSettings: () => ({
      microphone: settings.value.microphone,
      loudspeaker: settings.value.loudspeaker,
    }),
    clock,
    environment,
    page: needs.page,
    helper: { command: needs.helper },
    ownPid: process.pid,
    programs: signs.programs,
    onUserError: (channel, error) => log.error({ channel, cause: error.message }, 'sound.failed'),
    onDevices(devices) {
      soundOrigins = devices
      log.info({ devices }, 'sound.devices')
    },
    onNote: (note) => log.info({ note }, 'sound.note'),
  })
  return {
    sound: source,
    soundOrigins: () => soundOrigins,
    callSources: signs.callSources,
    microphonePrograms: signs.microphonePrograms,
    async devices() {
      if (!chromium) return listPulseDevices(environment)
      return { at: 'known', microphones: [...(await chromium.microphones())], loudspeakers: [] }
    },
  }
}

interface Signs {
  readonly callSources: readonly CallSource[]
  /** Returns the programs to capture as the caller, the one that talks now first. */
  readonly programs: () => readonly string[]
  readonly microphonePrograms: Platform['microphonePrograms']
}

/**
 * Returns the sources that report calls, and the programs that they watch. macOS has none: there are links of the 3CX client
 * and the hotkey.
 */
function openSigns(needs: PlatformNeeds): Signs {
  const { platform, settings, environment, clock, log } = needs
  const phone = () => phonePrograms(settings.value.phonePrograms, platform)
  if (platform === 'win32') {
    const windows = createWindowsSources({
      clock,
      log,
      tuning: windowsTuning,
      uptimeMs: () => uptime() * SECOND_MS,
      phone,
      own: path.basename(process.execPath),
      helper: { command: needs.helper },
    })
    return {
      callSources: windows.sources,
      programs: () => windowsTargets(phone(), windows.inUse()),
      microphonePrograms: async () => [...(await windows.microphonePrograms())],
    }
  }
  const programs = () => phone().programs
  const pactl = createPactl({ environment, clock })
  if (platform === 'darwin') return { callSources: [], programs, microphonePrograms: async () => [] }
  return {
    callSources: [createPulseCallSource({ pactl, clock, programs })],
    programs,
    microphonePrograms: () => listPulsePrograms(pactl, programs()),
  }
}
