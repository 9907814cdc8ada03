import { z } from 'zod'
import type { Clock } from '@3cx-ninja/protocol'
import type { PbxAccount } from './pbxAccount.ts'
import type { PbxAnswer, PbxExchange } from './pbxExchange.ts'
import { lacksEnterprise, tokenLifeMs } from './tokenLife.ts'
import { troubleOfStatus, type Trouble } from './trouble.ts'
import type { CallControlTuning } from './tuning.ts'

export type Given<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly trouble: Trouble }

export interface PbxAccess {
  /** The one valid token of this client. One is asked for at a time: a second would kill the first. */
  token(): Promise<Given<string>>
  /** The PBX refused this token: the next one is a new one, unless somebody has it already. */
  refused(token: string): void
  /** GET with the token; a refused one is replaced once. */
  get(path: string, options?: { maxBytes?: number; signal?: AbortSignal }): Promise<PbxAnswer>
  /** Tokens were refused before their time, again and again: another program uses this client. */
  isRivalled(): boolean
  /** A refusal in words: the license, where the token hints at it. */
  explain(trouble: Trouble): Trouble
}

/** Renewed so long before its end, so that none ends under way. */
const MARGIN_MS = 60_000

const tokenAnswer = z.object({
  access_token: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/), // goes into a header
  expires_in: z.number().optional().catch(undefined),
})

/** The token of one API client, and what is asked with it. */
export function createPbxAccess(needs: {
  readonly account: PbxAccount
  readonly exchange: PbxExchange
  readonly clock: Clock
  readonly tuning: CallControlTuning
}): PbxAccess {
  const { account, exchange, clock, tuning } = needs
  let held: { readonly token: string; readonly untilMs: number } | undefined
  let last = ''
  let asking: Promise<Given<string>> | undefined
  let refusedEarly: readonly number[] = []

  const ask = async (): Promise<Given<string>> => {
    const answer = await exchange.ask({
      method: 'POST',
      url: '/connect/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      data: new URLSearchParams({
        client_id: account.clientId,
        client_secret: account.clientSecret,
        grant_type: 'client_credentials',
      }).toString(),
    })
    if (answer.is === 'trouble') return { ok: false, trouble: answer.trouble }
    const { status, body, isHtml } = answer
    const given = status === 200 ? tokenAnswer.safeParse(body) : undefined
    if (!given?.success) return { ok: false, trouble: tokenTrouble(status, isHtml) }
    const { access_token: token, expires_in: expiresIn } = given.data
    const lifeMs = tokenLifeMs({ token, expiresIn, nowMs: clock.nowMs() })
    last = token
    held = { token, untilMs: clock.monotonicMs() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
    return { ok: true, value: token }
  }
  const token = async (): Promise<Given<string>> => {
    if (held && clock.monotonicMs() < held.untilMs) return { ok: true, value: held.token }
    asking ??= ask().finally(() => (asking = undefined))
    return asking
  }
  const recentRefusals = () => refusedEarly.filter((atMs) => clock.monotonicMs() - atMs < tuning.rivalMs)
  const refused = (one: string) => {
    if (held?.token !== one) return
    held = undefined
    refusedEarly = [...recentRefusals(), clock.monotonicMs()].slice(-tuning.rivalTimes)
  }

  return {
    token,
    refused,
    async get(path, { maxBytes, signal } = {}) {
      for (let attempt = 1; ; attempt++) {
        const given = await token()
        if (!given.ok) return { is: 'trouble', trouble: given.trouble }
        const answer = await exchange.ask(
          {
            method: 'GET',
            url: path,
            headers: { authorization: `Bearer ${given.value}`, accept: 'application/json' },
            ...(maxBytes === undefined ? {} : { maxContentLength: maxBytes }),
          },
          signal,
        )
        if (answer.is === 'trouble' || answer.status !== 401) return answer
        refused(given.value)
        if (attempt > 1) return answer
      }
    },
    isRivalled: () => recentRefusals().length >= tuning.rivalTimes,
    explain: (trouble) =>
      trouble.code === 'forbidden' && lacksEnterprise(last) ? { ...trouble, code: 'license' } : trouble,
  }
}

function tokenTrouble(status: number, isHtml: boolean): Trouble {
  if (isHtml || status === 200)
    return { code: 'odd-answer', detail: `answered ${status}${isHtml ? ' with a page' : ''}` }
  if (status === 400 || status === 401) return { code: 'credentials', detail: `answered ${status}` }
  return troubleOfStatus(status, false)
}
