import type { Clock } from '@3cx-ninja/protocol'
import type { z } from 'zod'
import { refusalAnswer, type Refusal } from '../../../src/http/admin/messages.ts'
import { adminTuning } from '../tuning.ts'

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `error` is 'unreachable', 'unexpected-answer' (the hub has another version), or the hub's own code. */
  | { readonly ok: false; readonly refusal: Refusal }

export interface Api {
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<Outcome<z.infer<Schema>>>
  send<Schema extends z.ZodType>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    schema: Schema,
    body?: unknown,
  ): Promise<Outcome<z.infer<Schema>>>
}

export interface ApiNeeds {
  readonly clock: Clock
  readonly csrf: () => string
  /** Called when the hub rejects the session: it has expired, or it was revoked. */
  readonly onSignedOut: () => void
}

/** Returns the client of the hub's admin API. Its requests never reject: a failure is an outcome. */
export function createApi({ clock, csrf, onSignedOut }: ApiNeeds): Api {
  const ask = async <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    init: RequestInit,
  ): Promise<Outcome<z.infer<Schema>>> => {
    let answer: Response
    let said: unknown
    try {
      answer = await fetch(path, { ...init, signal: clock.timeout(adminTuning.answerMs) })
      said = await answer.json()
    } catch {
      return { ok: false, refusal: { error: 'unreachable', message: '' } }
    }
    if (answer.ok) {
      const read = schema.safeParse(said)
      if (read.success) return { ok: true, value: read.data }
    }
    const refused = refusalAnswer.safeParse(said)
    const refusal = refused.success
      ? refused.data
      : { error: 'unexpected-answer', message: `HTTP ${answer.status}` }
    if (refusal.error === 'signed-out') onSignedOut()
    return { ok: false, refusal }
  }
  return {
    get: (path, schema) => ask(path, schema, {}),
    send: (method, path, schema, body) =>
      ask(path, schema, {
        method,
        headers: {
          'x-csrf': csrf(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  }
}
