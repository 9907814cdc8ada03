import { makePrivateFolder } from '@3cx-ninja/node-kit/privateFolder.ts'
import path from 'node:path'
import type { Channel, Clock } from '@3cx-ninja/protocol'
import type { ChannelDevice } from '../capture/sources/channelFeed.ts'
import type { AudioSource } from '../capture/sources/audioSource.ts'
import { createFileSource, type FileSource } from '../capture/sources/fileSource.ts'
import type { DeviceChoice } from '../capture/sources/pulse/chooseDevices.ts'
import { createPactl } from '../capture/sources/pulse/pactl.ts'
import { createPulseSource } from '../capture/sources/pulse/pulseSource.ts'
import { readStereoFile, type StereoAudio } from '../capture/sources/readStereoFile.ts'
import type { CallSource } from '../detection/callSource.ts'
import { createPulseCallSource } from '../detection/pulseCallSource.ts'
import { fileVault, keyringVault, openSecrets, type Secrets } from '../process/secrets.ts'
import { phonePrograms } from '../telephone/phonePrograms.ts'
import { openSettings, type SettingsFile } from '../process/settings.ts'
import type { Arguments } from './arguments.ts'

export interface PartsNeeds {
  readonly arguments: Arguments
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Receives what is wrong with microphone or telephone: cause and remedy. */
  readonly onUserError?: (error: Error) => void
}

export interface HeadlessParts {
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly source: AudioSource
  /** The audio file, where there is one: a script starts it. */
  readonly file?: FileSource
  /** Sources that report calls by themselves, besides the script. */
  readonly callSources: readonly CallSource[]
  /** Returns where the audio of each channel comes from now. */
  readonly soundOrigins: () => Partial<Record<Channel, ChannelDevice>>
}

/** Opens what an agent without Electron needs, from its command line. Rejects with the remedy. */
export async function openParts(needs: PartsNeeds): Promise<HeadlessParts> {
  const options = needs.arguments
  await makePrivateFolder(options.data)
  const settings = await openSettings({
    path: path.join(options.data, 'agent-settings.json'),
    environment: needs.environment,
    overrides: given(options),
  })
  const vault =
    options.secrets === 'keyring' ? keyringVault(path.resolve(options.data)) : fileVault(options.data)
  return {
    settings,
    secrets: await openSecrets(await vault),
    callSources: openCallSources(needs, settings),
    ...(await openSource(needs, settings)),
  }
}

/** Settings given on the command line. */
function given(options: Arguments) {
  const { hub, extension, name, email, language, locale, parec = '' } = options
  const phonePrograms = options['phone-programs'] || undefined
  // Devices named here cannot be changed in the window; without a name the technician's choice counts.
  const [microphone, loudspeaker] = parec.split(',').map((device) => {
    const choice = choiceOf(device)
    return choice.kind === 'device' ? choice.name : undefined
  })
  return Object.fromEntries(
    Object.entries({
      hub,
      extension,
      name,
      email,
      language,
      locale,
      microphone,
      loudspeaker,
      phonePrograms,
    }).filter(([, value]) => value !== undefined),
  )
}

async function openSource(
  needs: PartsNeeds,
  settings: Pick<SettingsFile, 'value'>,
): Promise<Pick<HeadlessParts, 'source' | 'file' | 'soundOrigins'>> {
  const { audio, parec, speed } = needs.arguments
  if (parec) {
    let soundOrigins: Partial<Record<Channel, ChannelDevice>> = {}
    return {
      soundOrigins: () => soundOrigins,
      source: createPulseSource({
        ...needs,
        choices: () => ({
          agent: choiceOf(settings.value.microphone),
          caller: choiceOf(settings.value.loudspeaker),
        }),
        programs: programsOf(settings),
        onUserError: (_channel, error) => needs.onUserError?.(error),
        onDevices: (devices) => (soundOrigins = devices),
      }),
    }
  }
  const silence: StereoAudio = { agent: new Int16Array(), caller: new Int16Array() }
  const sound = audio ? await readStereoFile(audio) : silence
  const file = createFileSource({ sound, clock: needs.clock, speed })
  return { source: file, file, soundOrigins: () => ({}) }
}

/** `@DEFAULT_SOURCE@` and the like are pactl's own words for it. */
const choiceOf = (name: string): DeviceChoice =>
  name === '' || name === 'follow' || name.startsWith('@DEFAULT_')
    ? { kind: 'follow' }
    : { kind: 'device', name }

function openCallSources(needs: PartsNeeds, settings: Pick<SettingsFile, 'value'>): readonly CallSource[] {
  if (needs.arguments.sources === 'none') return []
  return [
    createPulseCallSource({
      pactl: createPactl(needs),
      clock: needs.clock,
      programs: programsOf(settings),
    }),
  ]
}

/** Reads the setting at each call: the window may change it. */
const programsOf = (settings: Pick<SettingsFile, 'value'>) => () =>
  phonePrograms(settings.value.phonePrograms, 'linux').programs
