import { z } from 'zod'

/** What came back from one request, before anybody judges it. */
export type Answer =
  | {
      readonly is: 'answer'
      readonly status: number
      readonly text: string
      readonly isHtml: boolean
      readonly retryAfterMs?: number
      readonly requestId?: string
    }
  /** No connection was made: it certainly did not arrive. */
  | { readonly is: 'no-connection'; readonly detail: string }
  /** Cut or timed out after it left: it may have arrived. */
  | { readonly is: 'cut'; readonly detail: string }

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

/** The codes and words of an error answer, for the log and for people. */
export function explainAnswer(text: string): { readonly codes: readonly string[]; readonly words: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { codes: [], words: text.slice(0, 120) }
  }
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

/** `Retry-After` in ms: seconds or a date. */
export function retryAfterOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const dateMs = Date.parse(header)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}
