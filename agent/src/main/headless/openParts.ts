import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '@3cx-ninja/protocol'
import type { AudioSource } from '../capture/audioSource.ts'
import { createFileSource, type FileSource } from '../capture/fileSource.ts'
import { createParecSource } from '../capture/parecSource.ts'
import { readSound, type Sound } from '../capture/readSound.ts'
import { fileVault, keyringVault, openSecrets, type Secrets } from '../secrets.ts'
import { openSettings, type SettingsFile } from '../settings.ts'
import type { Arguments } from './arguments.ts'

export interface PartsNeeds {
  readonly arguments: Arguments
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

export interface HeadlessParts {
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly source: AudioSource
  /** The sound of a file, when there is one: a script says when it plays. */
  readonly file?: FileSource
}

/** What an agent without Electron stands on, from its command line. Rejects with the remedy. */
export async function openParts(needs: PartsNeeds): Promise<HeadlessParts> {
  const options = needs.arguments
  await mkdir(options.data, { recursive: true, mode: 0o700 })
  const settings = await openSettings({
    path: path.join(options.data, 'agent-settings.json'),
    environment: needs.environment,
    overrides: given(options),
  })
  const vault =
    options.secrets === 'keyring' ? keyringVault(path.resolve(options.data)) : fileVault(options.data)
  return { settings, secrets: await openSecrets(await vault), ...(await openSource(needs)) }
}

/** Settings given on the command line. */
function given({ hub, extension, name, email, language, locale }: Arguments) {
  return Object.fromEntries(
    Object.entries({ hub, extension, name, email, language, locale }).filter(
      ([, value]) => value !== undefined,
    ),
  )
}

async function openSource(needs: PartsNeeds): Promise<{ source: AudioSource; file?: FileSource }> {
  const { audio, parec, speed } = needs.arguments
  if (parec) {
    const [microphone = '@DEFAULT_SOURCE@', caller = '@DEFAULT_MONITOR@'] = parec.split(',').filter(Boolean)
    return {
      source: createParecSource({ microphone, caller, clock: needs.clock, environment: needs.environment }),
    }
  }
  const silence: Sound = { agent: new Int16Array(), caller: new Int16Array() }
  const sound = audio ? await readSound(audio) : silence
  const file = createFileSource({ sound, clock: needs.clock, speed })
  return { source: file, file }
}
