import type { z } from 'zod'
import type { LookOutcome, WriteOutcome } from '../tickets/outbox/outboxMachine.ts'
import { explainAnswer, jsonOf } from './answers.ts'
import type { Client } from './client.ts'

export type Asked = Awaited<ReturnType<Client['request']>>

/** What an answer that is no success means for a write. */
export function judgeWrite(answer: Asked): WriteOutcome {
  switch (answer.is) {
    case 'signed-out':
      return { is: 'refused', reason: 'sign-in', detail: answer.detail }
    case 'no-connection':
      return { is: 'not-sent', detail: answer.detail, ...pause(answer) }
    case 'cut':
      return { is: 'unknown', detail: answer.detail }
    case 'answer': {
      const { status, text, isHtml } = answer
      const { codes, words } = explainAnswer(text)
      const detail = `NinjaOne answered ${status}${isHtml ? ' (a page)' : words ? `: ${words}` : ''}`
      if (status === 429) return { is: 'not-sent', detail, ...pause(answer) }
      if (isHtml || status >= 500 || status === 408 || (status >= 200 && status < 300))
        return { is: 'unknown', detail }
      if (status === 401 || codes.includes('user_context_required'))
        return {
          is: 'refused',
          reason: 'sign-in',
          detail: `${detail}. Sign in to NinjaOne as a technician on the admin page.`,
        }
      if (status === 403)
        return {
          is: 'refused',
          reason: 'permission',
          detail: `${detail}. The signed-in technician needs the right to create tickets for this organization.`,
        }
      return { is: 'refused', reason: 'rejected', detail }
    }
  }
}

/** What an answer that is no success means for a look-up: nothing is learnt from it. */
export function judgeLook(answer: Asked): LookOutcome {
  const outcome = judgeWrite(answer)
  switch (outcome.is) {
    case 'refused':
      return outcome
    case 'not-sent':
    case 'unknown':
      return { is: 'not-now', detail: outcome.detail }
    case 'stored':
      return { is: 'not-now', detail: 'no answer' }
  }
}

/** The body of a clear success; undefined for everything else. */
export function valueOf<Value>(answer: Asked, schema: z.ZodType<Value>): Value | undefined {
  if (answer.is !== 'answer' || answer.status < 200 || answer.status > 299) return undefined
  return schema.safeParse(jsonOf(answer.text)).data
}

function pause({ retryAfterMs }: { readonly retryAfterMs?: number }): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}
