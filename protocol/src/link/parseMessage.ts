import { z, type ZodType } from 'zod'

export type Parsed<Message> =
  | { readonly is: 'message'; readonly message: Message }
  /** A kind this version does not know: a newer peer. Ignored. */
  | { readonly is: 'unknown'; readonly kind: string }
  /** A known kind without its shape, or no message at all: the link is closed. */
  | { readonly is: 'broken'; readonly kind: string; readonly detail: string }

const anyMessage = z.object({ kind: z.string().max(64) })

/** Parses one JSON text against a discriminated union on `kind`. Rule L6. */
export function parseMessage<Message>(text: string, schema: ZodType<Message>): Parsed<Message> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { is: 'broken', kind: '?', detail: 'not JSON' }
  }
  const message = schema.safeParse(value)
  if (message.success) return { is: 'message', message: message.data }
  const any = anyMessage.safeParse(value)
  if (!any.success) return { is: 'broken', kind: '?', detail: 'no kind' }
  const { kind } = any.data
  if (message.error.issues.some((issue) => issue.path.join() === 'kind')) return { is: 'unknown', kind }
  return { is: 'broken', kind, detail: z.prettifyError(message.error).slice(0, 400) }
}
