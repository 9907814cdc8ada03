import { channel } from '@3cx-ninja/protocol'
import { z } from 'zod'

/**
 * Messages between main and the hidden page that captures with Chromium (src/renderer-audio): the microphone, and where nothing
 * better exists all that the PC plays. `run` numbers the openings of a channel; messages of a closed run are ignored.
 */
const run = z.int().min(0)
/** A name of DOMException, or `ended`, `default-changed`, `interrupted`. */
const reason = z.string().max(80)

/** What the hidden audio page sends to main: its readiness, opened and lost channels, audio and devices. */
export const soundPageMessage = z.discriminatedUnion('kind', [
  /** The page accepts requests. */
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('opened'),
    channel,
    run,
    label: z.string().max(400),
    /** True when the chosen device was missing and the default one stands in. */
    standIn: z.boolean(),
    /** all: everything that this PC plays is taken out of the microphone; page: only what Chromium plays; off. */
    echo: z.enum(['all', 'page', 'off']),
  }),
  /** `firstFrame` counts 16 kHz frames since the opening; a jump is lost sound. */
  z.object({
    kind: z.literal('block'),
    channel,
    run,
    firstFrame: z.int().min(0),
    samples: z.instanceof(Int16Array).refine(({ length }) => length > 0 && length <= 16_000),
  }),
  z.object({ kind: z.literal('lost'), channel, run, reason, detail: z.string().max(400) }),
  z.object({
    kind: z.literal('devices'),
    microphones: z.array(z.object({ id: z.string().max(400), label: z.string().max(400) })).max(200),
  }),
])
export type SoundPageMessage = z.infer<typeof soundPageMessage>

/** What main asks of the hidden audio page: open or close a channel, list the microphones. */
export type SoundPageRequest =
  | {
      readonly kind: 'open'
      readonly channel: 'agent' | 'caller'
      readonly run: number
      /** microphone: with echo canceller; loopback: what the PC plays. */
      readonly what: 'microphone' | 'loopback'
      /** Chromium's id of a microphone; without it the system's default. */
      readonly deviceId?: string
    }
  | { readonly kind: 'close'; readonly channel: 'agent' | 'caller' }
  | { readonly kind: 'list' }
