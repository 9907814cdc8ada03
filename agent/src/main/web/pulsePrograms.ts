import type { Output } from '../../ipc/channels.ts'
import type { Pactl } from '../capture/sources/pulse/pactl.ts'
import { OUR_CLIENT_NAME } from '../capture/sources/pulse/telephone.ts'
import { isNamed } from '../telephone/phonePrograms.ts'

const LIMIT_MS = 3_000

/** Resolves with the programs that record from a microphone now; a sound server does not remember earlier ones. */
export async function listPulsePrograms(
  pactl: Pactl,
  phone: readonly string[],
): Promise<Output<'listMicrophonePrograms'>['programs']> {
  const { recordings, sources } = await pactl.read(AbortSignal.timeout(LIMIT_MS))
  const names = recordings
    .filter(({ device }) => sources.find(({ index }) => index === device)?.isMonitor !== true)
    .filter(({ application, pid }) => application !== OUR_CLIENT_NAME && pid !== undefined)
    .map(({ binary, application }) => (binary || application).slice(0, 120))
  return [...new Set(names)]
    .filter((name) => name !== '')
    .map((name) => ({
      name,
      inUse: true,
      counts: phone.some((entry) => isNamed(name, entry)),
    }))
}
