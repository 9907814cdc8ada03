import { parseJson } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { MAX_RETRY_AFTER_MS } from './tuning.ts'

/** What came back from one request; outcomes.ts decides what it means. */
export type Answer =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly text: string
      readonly isHtml: boolean
      readonly retryAfterMs?: number
      readonly requestId?: string
    }
  /** No connection was made: the request certainly did not arrive. */
  | { readonly kind: 'no-connection'; readonly detail: string; readonly retryAfterMs?: number }
  /** Cut or timed out after the request left: it may have arrived. */
  | { readonly kind: 'cut'; readonly detail: string }

/** The three families of error bodies, read leniently. */
const errorBody = z
  .object({
    error: z.string().optional(),
    error_description: z.string().optional(),
    resultCode: z.string().optional(),
    errorMessage: z.union([z.string(), z.object({ code: z.string().optional() }).loose()]).optional(),
    errorCode: z.union([z.string(), z.number()]).optional(),
    message: z.string().optional(),
    incidentId: z.string().optional(),
  })
  .loose()

/** Returns the codes of an error answer, and its words (at most 400 characters) for the log and for people. */
export function explainAnswer(text: string): { readonly codes: readonly string[]; readonly words: string } {
  const value = parseJson(text)
  if (value === undefined) return { codes: [], words: text.slice(0, 120) }
  const parsed = errorBody.safeParse(value)
  if (!parsed.success) return { codes: [], words: typeof value === 'string' ? value.slice(0, 200) : '' }
  const { error, error_description, resultCode, errorMessage, errorCode, message, incidentId } = parsed.data
  const inner = typeof errorMessage === 'string' ? errorMessage : errorMessage?.code
  const codes = [error, resultCode, errorCode === undefined ? undefined : String(errorCode), inner].filter(
    (one) => one !== undefined,
  )
  const words = [error_description, inner, message, resultCode, incidentId && `incident ${incidentId}`]
    .filter(Boolean)
    .join(' · ')
  return { codes, words: words.slice(0, 400) }
}

/** Returns `Retry-After` (seconds or a date) in whole ms, at most an hour; undefined for anything else. */
export function retryAfterOf(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (text === '') return undefined
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Math.ceil(ms)))
}
