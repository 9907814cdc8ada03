import { z, type ZodType } from 'zod'
import { MAX_FRAME_BYTES } from '../units.ts'

/** Outcome of parsing one text: the message, or the reason why it is none. */
export type Parsed<Message> =
  | { readonly ok: true; readonly message: Message }
  /** A kind unknown to this version: the peer is newer, and the receiver ignores it. */
  | { readonly ok: false; readonly reason: 'unknown'; readonly kind: string }
  /** A known kind with a wrong shape, or no message at all: the receiver closes the link. */
  | { readonly ok: false; readonly reason: 'broken'; readonly kind: string; readonly detail: string }

/** A message that was not applied: its kind is unknown to this version, or it is broken (then the link is closed). */
export interface UnexpectedMessage {
  readonly kind: string
  readonly broken: boolean
  readonly detail: string
}

const MAX_KINDS_REMEMBERED = 100

/** Returns a reporter that calls `report` once per unknown kind and link, so that a newer peer does not fill the log, and for every broken message. Rule L6. */
export function createUnexpectedReporter(
  report: ((unexpected: UnexpectedMessage) => void) | undefined,
): (unexpected: UnexpectedMessage) => void {
  const announced = new Set<string>()
  return (unexpected) => {
    if (!unexpected.broken) {
      if (announced.has(unexpected.kind) || announced.size >= MAX_KINDS_REMEMBERED) return
      announced.add(unexpected.kind)
    }
    report?.(unexpected)
  }
}

const MAX_KIND = 64
const anyMessage = z.object({ kind: z.string().max(MAX_KIND) })

const knownKinds = new WeakMap<ZodType, ReadonlySet<unknown>>()
/** Returns the kinds of a discriminated union, read from it once; undefined for another schema. */
function kindsOf(schema: ZodType): ReadonlySet<unknown> | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return undefined
  const cached = knownKinds.get(schema)
  if (cached) return cached
  const kinds = new Set(
    schema.options.flatMap((option) => {
      const kind = option instanceof z.ZodObject ? (option.shape.kind as unknown) : undefined
      return kind instanceof z.ZodLiteral ? [...kind.values] : []
    }),
  )
  knownKinds.set(schema, kinds)
  return kinds
}

/** Returns one JSON text parsed against a discriminated union on `kind`, or the reason why it is none. Never throws. Rule L6. */
export function parseMessage<Message>(text: string, schema: ZodType<Message>): Parsed<Message> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'broken', kind: '?', detail: 'not JSON' }
  }
  // Each message is first parsed as one of the link's own: creating zod's error for that 10,000 times a second cost a hub
  // with 1,000 agents a third of its garbage. So the kinds are compared first.
  const announced = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
  const kinds = kindsOf(schema)
  if (kinds && typeof announced === 'string' && announced.length <= MAX_KIND && !kinds.has(announced))
    return { ok: false, reason: 'unknown', kind: announced }
  const message = schema.safeParse(value)
  if (message.success) return { ok: true, message: message.data }
  const any = anyMessage.safeParse(value)
  if (!any.success) return { ok: false, reason: 'broken', kind: '?', detail: 'no kind' }
  const { kind } = any.data
  if (message.error.issues.some((issue) => issue.path.join() === 'kind'))
    return { ok: false, reason: 'unknown', kind }
  return { ok: false, reason: 'broken', kind, detail: z.prettifyError(message.error).slice(0, 400) }
}

/** A message that was not sent, because its receiver would close the link over it. `detail` names the field, never its text. */
export interface SetAsideMessage {
  readonly kind: string
  readonly detail: string
}

/** Outcome of writing one message: its text, or the reason why it must not be sent. */
export type Written =
  { readonly ok: true; readonly text: string } | ({ readonly ok: false } & SetAsideMessage)

/**
 * Returns the message as JSON with the fields of its schema and no others, or the reason why its receiver would refuse it: a
 * wrong shape, or more bytes than a message may have. Never throws. Rule L12.
 */
export function writeMessage<Message>(
  message: Message,
  schema: ZodType<Message>,
  maxBytes = MAX_FRAME_BYTES,
): Written {
  const parsed = schema.safeParse(message)
  const kind = kindOf(message)
  if (!parsed.success) {
    // The path and the code of each fault: its message could repeat what people said.
    const faults = parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'message'}: ${code}`)
    return { ok: false, kind, detail: faults.join(', ').slice(0, 400) }
  }
  const text = JSON.stringify(parsed.data)
  if (isLarger(text, maxBytes)) return { ok: false, kind, detail: `more than ${maxBytes} bytes` }
  return { ok: true, text }
}

function kindOf(message: unknown): string {
  const any = anyMessage.safeParse(message)
  return any.success ? any.data.kind : '?'
}

/** A character has at most three bytes (a pair of surrogates has four), so that most texts need not be counted. */
function isLarger(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && new TextEncoder().encode(text).length > maxBytes
}
