import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Output } from '../../ipc/channels.ts'

const sources = z.array(z.object({ name: z.string(), description: z.string() }))
const run = promisify(execFile)

/** Resolves with the audio devices as PulseAudio or PipeWire name them. Rejects when there is no sound server. */
export async function listPulseDevices(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Output<'listDevices'>> {
  // pactl's words are translated, its JSON is not; LC_ALL=C makes sure.
  const { stdout } = await run('pactl', ['-f', 'json', 'list', 'sources'], {
    env: { ...environment, LC_ALL: 'C' },
    timeout: 3_000,
    maxBuffer: 4_194_304,
  })
  const devices = sources.parse(JSON.parse(stdout)).map(({ name, description }) => ({
    id: name.slice(0, 200),
    label: description.slice(0, 200),
  }))
  const isMonitor = ({ id }: { id: string }) => id.endsWith('.monitor')
  return {
    at: 'known',
    microphones: devices.filter((device) => !isMonitor(device)),
    loudspeakers: devices.filter(isMonitor),
  }
}
