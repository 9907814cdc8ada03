import type { Channel, Clock } from '@3cx-ninja/protocol'
import type { AudioSource } from './audioSource.ts'
import type { ChannelDevice, ChannelFeed } from './channelFeed.ts'
import { createChromiumSound, type ChromiumSound, type SoundPage } from './chromiumSound.ts'
import { createHelperFeed } from './helperFeed.ts'
import type { HelperProgram } from './helperProcess.ts'
import { createJoinedSource } from '../joining/joinedSource.ts'
import type { DeviceChoice } from './pulse/chooseDevices.ts'
import type { SoundEnvironment } from './pulse/pactl.ts'
import { createPulseSource } from './pulse/pulseSource.ts'
import { knownPrograms } from '../../telephone/phonePrograms.ts'

/** The devices that the settings name, read again at each change of devices. An empty name follows the system. */
export interface DeviceSettings {
  readonly microphone: string
  /** Linux only: elsewhere the caller is captured whichever output the telephone uses. */
  readonly loudspeaker: string
}

/** The platform, the device settings and the parts from which the audio source is chosen. */
export interface ChooseSourceNeeds {
  readonly platform: NodeJS.Platform
  readonly deviceSettings: () => DeviceSettings
  readonly clock: Clock
  readonly environment: SoundEnvironment
  /** Returns the telephone's programs, the preferred one first; read at each call. Default: the known programs of 3CX. */
  readonly programs?: () => readonly string[]
  /** The hidden page of Electron, needed on Windows and macOS. */
  readonly page?: SoundPage
  /** Our native capture helper, on Windows. */
  readonly helper?: HelperProgram
  /** The process tree that 'everything-but-us' omits: our own. */
  readonly ownPid: number
  readonly onUserError: (channel: Channel, error: Error) => void
  readonly onDevices?: (devices: Partial<Record<Channel, ChannelDevice>>) => void
  /** Receives what helper and page report, for the log. */
  readonly onNote: (note: string) => void
}

/** The audio source of this platform, and Chromium's part where it records the microphone. */
export interface ChosenSource {
  readonly source: AudioSource
  /** Present where Chromium records the microphone: for the list of devices. */
  readonly chromium?: ChromiumSound
}

/**
 * Returns the source that captures both sides of a call on this system. Throws with the remedy on a system without one, or
 * where the hidden page is missing. Opens nothing: `start` of the source does.
 */
export function chooseSource(needs: ChooseSourceNeeds): ChosenSource {
  const { platform } = needs
  if (platform === 'linux') return { source: pulse(needs) }
  if (platform === 'win32') {
    const chromium = chromiumOf(needs)
    return { source: joined('windows', chromium, windowsCaller(needs, chromium), needs), chromium }
  }
  if (platform === 'darwin') {
    const chromium = chromiumOf(needs)
    return { source: joined('macos', chromium, chromium.loopback(), needs), chromium }
  }
  throw new Error(`Calls cannot be recorded on ${platform}: use Windows, macOS or Linux.`)
}

function pulse(needs: ChooseSourceNeeds): AudioSource {
  const choice = (name: string): DeviceChoice => (name ? { kind: 'device', name } : { kind: 'follow' })
  return createPulseSource({
    ...needs,
    choices: () => {
      const { microphone, loudspeaker } = needs.deviceSettings()
      return { agent: choice(microphone), caller: choice(loudspeaker) }
    },
  })
}

function chromiumOf({ page, clock, onNote }: ChooseSourceNeeds): ChromiumSound {
  if (!page)
    throw new Error(
      'The microphone is heard by the desktop application on this system: start that one, or give a sound file.',
    )
  return createChromiumSound({ page, clock, onNote })
}

function windowsCaller(needs: ChooseSourceNeeds, chromium: ChromiumSound): ChannelFeed {
  if (!needs.helper) return chromium.loopback()
  const images = needs.programs ?? (() => knownPrograms('win32').programs)
  return createHelperFeed({
    program: needs.helper,
    targets: [
      () => ({ kind: 'client', images: images() }),
      () => ({ kind: 'everything-but', pid: needs.ownPid }),
      () => ({ kind: 'system', images: images() }),
    ],
    lastResort: chromium.loopback(),
    clock: needs.clock,
    onNote: needs.onNote,
  })
}

function joined(
  name: string,
  chromium: ChromiumSound,
  caller: ChannelFeed,
  needs: ChooseSourceNeeds,
): AudioSource {
  return createJoinedSource({
    name,
    feeds: { agent: chromium.microphone(() => needs.deviceSettings().microphone || undefined), caller },
    clock: needs.clock,
    onUserError: needs.onUserError,
    ...(needs.onDevices ? { onDevices: needs.onDevices } : {}),
  })
}
