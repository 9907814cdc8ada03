import { parseJson } from '@3cx-ninja/protocol'
import type { z } from 'zod'
import type { SearchOutcome, WriteOutcome } from '../helpdesk/outcomes.ts'
import { explainAnswer } from './answers.ts'
import type { ClientAnswer } from './client.ts'

/** Returns what an answer means for a write when it is no clear success. */
export function writeOutcomeOf(answer: ClientAnswer): WriteOutcome {
  switch (answer.kind) {
    case 'signed-out':
      return { kind: 'authRequired', detail: answer.detail }
    case 'no-connection':
      return { kind: 'unreachable', detail: answer.detail, ...pauseOf(answer) }
    case 'cut':
      return { kind: 'unknown', detail: answer.detail }
    case 'answer':
      return outcomeOfStatus(answer)
  }
}

function outcomeOfStatus(answer: Extract<ClientAnswer, { kind: 'answer' }>): WriteOutcome {
  const { status, text, isHtml } = answer
  const { codes, words } = explainAnswer(text)
  const detail = `NinjaOne answered ${status}${isHtml ? ' (a page)' : words ? `: ${words}` : ''}`
  if (status === 429) return { kind: 'throttled', detail, ...pauseOf(answer) }
  if (isHtml || status >= 500 || status === 408 || (status >= 200 && status < 300))
    return { kind: 'unknown', detail }
  if (status === 401 || codes.includes('user_context_required'))
    return {
      kind: 'authRequired',
      detail: `${detail}. Sign in to NinjaOne as a technician on the admin page.`,
    }
  if (status === 403)
    return {
      kind: 'rejected',
      reason: 'permission',
      detail: `${detail}. The signed-in technician needs the right to create tickets for this organization.`,
    }
  return { kind: 'rejected', reason: 'rejected', detail }
}

/** Returns what an answer means for a search when it is no clear success: nothing is known of the marker then. */
export function searchOutcomeOf(answer: ClientAnswer): SearchOutcome {
  const outcome = writeOutcomeOf(answer)
  switch (outcome.kind) {
    case 'rejected':
    case 'authRequired':
      return outcome
    case 'throttled':
    case 'unreachable':
    case 'unknown':
      return { kind: 'unavailable', detail: outcome.detail }
    case 'created':
    case 'duplicate':
      return { kind: 'unavailable', detail: 'no answer' }
  }
}

/** Returns the body of a clear success; undefined for everything else. */
export function valueOf<Value>(answer: ClientAnswer, schema: z.ZodType<Value>): Value | undefined {
  if (answer.kind !== 'answer' || answer.status < 200 || answer.status > 299) return undefined
  return schema.safeParse(parseJson(answer.text)).data
}

function pauseOf({ retryAfterMs }: { readonly retryAfterMs?: number }): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}
