import { parseArgs } from 'node:util'
import { discardReason } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { MAX_LIST } from '../../ipc/phoneProgramList.ts'

const number = z.coerce.number()

/** The command line of the headless agent, parsed. */
const argumentsSchema = z.object({
  hub: z.string().optional(),
  'enrollment-key': z.string().default(''),
  data: z.string({ error: 'is missing: name a folder for what this agent keeps, such as data/agent' }).min(1),
  extension: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  language: z.string().optional(),
  locale: z.string().optional(),
  audio: z.string().optional(),
  'audio-from': number.min(0).default(0),
  parec: z.string().optional(),
  sources: z.enum(['none', 'pulse']).default('none'),
  'phone-programs': z.string().max(MAX_LIST).default(''),
  speed: number.min(0.1).max(100).default(1),
  script: z.string().optional(),
  decide: z.enum(['file', 'hold', 'discard', 'wait']).default('wait'),
  'discard-reason': discardReason.default('other'),
  secrets: z.enum(['file', 'keyring']).default('file'),
  exit: z.enum(['never', 'after-call']).default('never'),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
})
export type Arguments = z.infer<typeof argumentsSchema>

export const HELP = `npm run agent:headless -- --hub https://hub:3000 --enrollment-key KEY --data FOLDER [options]

  --hub URL             address of the hub (http:// on this machine only)
  --enrollment-key KEY   from the admin page; needed the first time only
  --data FOLDER         recordings, reports, settings and secrets of this agent
  --extension N         the technician's extension        --name NAME     the technician's name
  --email ADDRESS       the technician's address in the helpdesk
  --audio FILE          WAV or FLAC, 16 kHz, two channels: left the agent, right the caller
  --audio-from SECONDS  begin there (after a restart in mid-call)
  --parec MIC,MONITOR   two sources of PulseAudio or PipeWire instead of a file; 'follow' in place of a name: the
                        device that the telephone uses, else the system's default
  --sources pulse       calls are noticed by the telephone's use of the microphone (PulseAudio or PipeWire)
  --phone-programs A,B  the telephone's programs beside 3cx*, such as chrome where 3CX runs in a browser; !3cx* takes
                        the known ones off
  --speed N             play file and script N times faster
  --script FILE         JSON lines; also read from stdin. Examples:
                          {"at":0,"action":"ring","number":"+33240112233","name":"Thomas Girard","direction":"inbound"}
                          {"at":2,"action":"talk"}   {"after":"audio","action":"hang-up"}
                          hold, resume-call, pause, resume, mark, stop, start, erase
  --decide CHOICE       file, hold or discard a proposed draft at once; wait (default): let the countdown run
  --exit after-call     end when every call is filed or discarded and its recording is safe on the hub
  --secrets keyring     token and key in the key store of the system instead of a file (mode 0600)
  --locale fr|en        language of the texts             --json          one JSON event per line instead`

/** The remedy for a command line without an audio source. */
export const NO_SOUND = 'Calls would be recorded as silence: give --parec follow,follow, or --audio FILE.'

/** Throws an Error that names option, value and what is allowed. */
export function parseArguments(argv: readonly string[]): Arguments {
  const flags = ['json', 'help']
  const options = Object.fromEntries(
    Object.keys(argumentsSchema.shape).map((name) => [
      name,
      { type: flags.includes(name) ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  const values = read(argv, options)
  const parsed = argumentsSchema.safeParse(values.help ? { ...values, data: '.' } : values)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('; ')
    throw new Error(`${wrong}. See --help.`)
  }
  if (parsed.data.audio && parsed.data.parec)
    throw new Error('Give --audio or --parec, not both. See --help.')
  return parsed.data
}

function read(argv: readonly string[], options: Record<string, { type: 'string' | 'boolean' }>) {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}. See --help.`)
  }
}
