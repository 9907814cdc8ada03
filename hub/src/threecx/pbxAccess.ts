import { z } from 'zod'
import type { Clock } from '@3cx-ninja/protocol'
import type { PbxAccount } from './pbxAccount.ts'
import type { PbxAnswer, PbxExchange } from './pbxExchange.ts'
import { lacksEnterprise, tokenLifeMs } from './tokenLife.ts'
import { pbxErrorOfStatus, type PbxError } from './pbxError.ts'
import type { CallControlTuning } from './tuning.ts'

/** A value of the PBX, or the error that stands in its way. */
export type PbxOutcome<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly pbxError: PbxError }

/** The one valid token of an API client, and requests with it. */
export interface PbxAccess {
  /** Resolves with the one valid token of this client. One is requested at a time: a second would end the first. */
  token(): Promise<PbxOutcome<string>>
  /** Notes that the PBX refused this token: the next is a new one, unless a newer one is here already. */
  tokenRefused(token: string): void
  /** Sends a GET with the token; a refused token is replaced once. */
  get(path: string, options?: { maxBytes?: number; signal?: AbortSignal }): Promise<PbxAnswer>
  /** Returns whether tokens were refused before their time, again and again: another program uses this client. */
  isTokenShared(): boolean
  /** A refusal in words: the license, where the token hints at it. */
  explain(pbxError: PbxError): PbxError
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

/**
 * Creates the access by one API client's token. Requests a token when one is needed, and renews it a minute before
 * its end.
 */
export function createPbxAccess(needs: {
  readonly account: PbxAccount
  readonly exchange: PbxExchange
  readonly clock: Clock
  readonly tuning: CallControlTuning
}): PbxAccess {
  const { account, exchange, clock, tuning } = needs
  let current: { readonly token: string; readonly untilMs: number } | undefined
  let lastToken = ''
  let pending: Promise<PbxOutcome<string>> | undefined
  let refusedEarly: readonly number[] = []

  const requestToken = async (): Promise<PbxOutcome<string>> => {
    const answer = await exchange.request({
      method: 'POST',
      url: '/connect/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      data: new URLSearchParams({
        client_id: account.clientId,
        client_secret: account.clientSecret,
        grant_type: 'client_credentials',
      }).toString(),
    })
    if (answer.kind === 'failed') return { ok: false, pbxError: answer.pbxError }
    const { status, body, isHtml } = answer
    const outcome = status === 200 ? tokenAnswer.safeParse(body) : undefined
    if (!outcome?.success) return { ok: false, pbxError: tokenError(status, isHtml) }
    const { access_token: token, expires_in: expiresIn } = outcome.data
    const lifeMs = tokenLifeMs({ token, expiresIn, nowMs: clock.nowMs() })
    lastToken = token
    current = { token, untilMs: clock.monotonicMs() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
    return { ok: true, value: token }
  }
  const token = async (): Promise<PbxOutcome<string>> => {
    if (current && clock.monotonicMs() < current.untilMs) return { ok: true, value: current.token }
    pending ??= requestToken().finally(() => (pending = undefined))
    return pending
  }
  const recentRefusals = () =>
    refusedEarly.filter((atMs) => clock.monotonicMs() - atMs < tuning.sharedTokenMs)
  const tokenRefused = (refusedToken: string) => {
    if (current?.token !== refusedToken) return
    current = undefined
    refusedEarly = [...recentRefusals(), clock.monotonicMs()].slice(-tuning.sharedTokenTimes)
  }

  return {
    token,
    tokenRefused,
    async get(path, { maxBytes, signal } = {}) {
      for (let attempt = 1; ; attempt++) {
        const outcome = await token()
        if (!outcome.ok) return { kind: 'failed', pbxError: outcome.pbxError }
        const answer = await exchange.request(
          {
            method: 'GET',
            url: path,
            headers: { authorization: `Bearer ${outcome.value}`, accept: 'application/json' },
            ...(maxBytes === undefined ? {} : { maxContentLength: maxBytes }),
          },
          signal,
        )
        if (answer.kind === 'failed' || answer.status !== 401) return answer
        tokenRefused(outcome.value)
        if (attempt > 1) return answer
      }
    },
    isTokenShared: () => recentRefusals().length >= tuning.sharedTokenTimes,
    explain: (pbxError) =>
      pbxError.code === 'forbidden' && lacksEnterprise(lastToken)
        ? { ...pbxError, code: 'license' }
        : pbxError,
  }
}

function tokenError(status: number, isHtml: boolean): PbxError {
  if (isHtml || status === 200)
    return { code: 'unexpected-answer', detail: `answered ${status}${isHtml ? ' with a page' : ''}` }
  if (status === 400 || status === 401) return { code: 'credentials', detail: `answered ${status}` }
  return pbxErrorOfStatus(status, false)
}
