import { z } from 'zod'

/** A microphone, or the monitor of an output. */
export interface PulseSource {
  readonly index: number
  readonly name: string
  readonly label: string
  /** Carries what an output plays. */
  readonly isMonitor: boolean
}

/** One output of the sound server, with the monitor source that carries its audio. */
export interface PulseSink {
  readonly index: number
  readonly name: string
  readonly label: string
  /** Name of the source that carries what it plays. */
  readonly monitor: string
}

/** A program that records from a source (`device` is its index), or plays into a sink. */
export interface PulseStream {
  readonly index: number
  readonly device: number
  /** Paused by its program: nothing flows. */
  readonly corked: boolean
  /** Absent for streams of the sound server itself. */
  readonly pid?: number
  /** File name of the program, such as `chrome`; empty when the server does not name it. */
  readonly binary: string
  /** Name that the program gives itself. */
  readonly application: string
  readonly media: string
}

/** What the sound server (PulseAudio, or PipeWire's compatible part) has now. */
export interface PulseState {
  readonly sources: readonly PulseSource[]
  readonly sinks: readonly PulseSink[]
  readonly recordings: readonly PulseStream[]
  readonly playbacks: readonly PulseStream[]
  readonly defaultSource: string
  readonly defaultSink: string
}

const index = z.int().min(0)
const label = z.string().transform((text) => text.slice(0, 160))
const properties = z.record(z.string(), z.string()).default({})
const stream = z.object({ index, corked: z.boolean(), properties })

const listed = z.object({
  sources: z.array(
    z.object({ index, name: z.string(), description: label, monitor_source: z.string().default('') }),
  ),
  sinks: z.array(z.object({ index, name: z.string(), description: label, monitor_source: z.string() })),
  source_outputs: z.array(stream.extend({ source: index })),
  sink_inputs: z.array(stream.extend({ sink: index })),
})
const info = z.object({ default_sink_name: z.string(), default_source_name: z.string() })

/** Returns the state from `pactl -f json list` and `pactl -f json info`. Throws with cause and remedy when an answer has another shape. */
export function parsePulseState(list: string, server: string): PulseState {
  const { sources, sinks, source_outputs, sink_inputs } = parse(listed, list)
  const defaults = parse(info, server)
  return {
    sources: sources.map(({ index, name, description, monitor_source }) => ({
      index,
      name,
      label: description,
      isMonitor: monitor_source !== '' || name.endsWith('.monitor'),
    })),
    sinks: sinks.map(({ index, name, description, monitor_source }) => ({
      index,
      name,
      label: description,
      monitor: monitor_source,
    })),
    recordings: source_outputs.map((output) => toStream(output, output.source)),
    playbacks: sink_inputs.map((input) => toStream(input, input.sink)),
    defaultSource: defaults.default_source_name,
    defaultSink: defaults.default_sink_name,
  }
}

function toStream({ index, corked, properties }: z.infer<typeof stream>, device: number): PulseStream {
  const pid = Number(properties['application.process.id'])
  return {
    index,
    device,
    corked,
    ...(Number.isInteger(pid) && pid > 0 ? { pid } : {}),
    binary: properties['application.process.binary'] ?? '',
    application: properties['application.name'] ?? '',
    media: properties['media.name'] ?? '',
  }
}

function parse<Value>(schema: z.ZodType<Value>, json: string): Value {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new Error('pactl answered with something that is not JSON: install pulseaudio-utils 16 or newer.', {
      cause,
    })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Error(
    `pactl answered with something unexpected (${parsed.error.issues[0]?.path.join('.') ?? ''}): install pulseaudio-utils 16 or newer.`,
  )
}
