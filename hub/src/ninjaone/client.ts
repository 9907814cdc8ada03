import type { AxiosRequestConfig } from 'axios'
import { z } from 'zod'
import type { Clock } from '@3cx-ninja/protocol'
import { explainAnswer, jsonOf, type Answer } from './answers.ts'
import { createExchange } from './exchange.ts'

export interface NinjaOneAccount {
  readonly host: string
  readonly clientId: string
  readonly clientSecret: string
  readonly requestsPerSecond: number
}

/** Keeps the one refresh token. `save` must be durable when it resolves. */
export interface RefreshTokenStore {
  read(): Promise<string | undefined>
  save(token: string | undefined): Promise<void>
}

export interface Client {
  /** One request with a valid token; refreshed and repeated once after a 401. 'signed-out': a person must act. Does not reject. */
  request(
    config: Pick<AxiosRequestConfig, 'method' | 'url' | 'data' | 'headers' | 'params'>,
  ): Promise<Answer | { readonly is: 'signed-out'; readonly detail: string }>
  signInUrl(redirectUri: string, state: string): string
  /** Exchanges the code of a finished sign-in. Rejects with a sentence. */
  signIn(code: string, redirectUri: string): Promise<void>
  isSignedIn(): Promise<boolean>
}

/** A token is renewed this long before its end (half its life when that is shorter), so that none expires under way. */
const MARGIN_MS = 60_000
const SCOPE = 'monitoring management offline_access'
const SIGN_IN = 'Sign in to NinjaOne on the admin page: its access has ended or was never given.'
const WRONG_CLIENT = 'NinjaOne does not know this client id on this host: check ninjaone.host (region) and ninjaone.clientId.' // prettier-ignore
/** The refresh token is dead: only a person can get a new one. */
const DEAD = ['invalid_grant', 'invalid_token', 'expired_token']

const tokenAnswer = z
  .object({
    access_token: z.string().min(1),
    expires_in: z.number().positive(),
    refresh_token: z.string().min(1).optional(),
  })
  .loose()
type TokenAnswer = z.infer<typeof tokenAnswer>

type Bearer =
  | { readonly is: 'token'; readonly token: string }
  | { readonly is: 'signed-out'; readonly detail: string }
  /** NinjaOne cannot be asked now, or its answer cannot be stored: the request itself never left. */
  | { readonly is: 'not-now'; readonly detail: string; readonly retryAfterMs?: number }

/** Talks to one NinjaOne instance as one signed-in technician. The refresh token rotates: the new one is saved before the access token is used. */
export function createClient(needs: {
  account: NinjaOneAccount
  tokens: RefreshTokenStore
  clock: Clock
  onEvent: (event: string, fields: object) => void
}): Client {
  const { account, tokens, clock, onEvent } = needs
  const exchange = createExchange({ ...account, clock })
  let access: { token: string; untilMs: number } | undefined
  /** A rotated token that the disk refused so far. The one stored is dead already, so this one must not be lost. */
  let unsaved: TokenAnswer | undefined
  let asking: Promise<unknown> = Promise.resolve()
  let refreshing: Promise<Bearer> | undefined

  const askToken = (form: Record<string, string>): Promise<Answer> =>
    exchange({
      method: 'POST',
      url: '/ws/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      data: new URLSearchParams({
        ...form,
        client_id: account.clientId,
        client_secret: account.clientSecret,
      }).toString(),
    })
  /** A sign-in and a refresh never run at once: the later answer would overwrite the newer token. */
  const alone = <Value>(act: () => Promise<Value>): Promise<Value> => {
    const result = asking.then(act)
    asking = result.catch(() => undefined)
    return result
  }

  const keep = async (answer: TokenAnswer): Promise<string> => {
    unsaved = answer
    if (answer.refresh_token) await tokens.save(answer.refresh_token) // before use: the old one is dead already
    unsaved = undefined
    const lifeMs = answer.expires_in * 1_000
    access = {
      token: answer.access_token,
      untilMs: clock.monotonicMs() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2),
    }
    return answer.access_token
  }
  const keepOrWait = async (answer: TokenAnswer): Promise<Bearer> => {
    try {
      return { is: 'token', token: await keep(answer) }
    } catch (error) {
      onEvent('ninjaone.token-not-saved', { error: String(error), remedy: 'Free space in the data folder.' })
      return { is: 'not-now', detail: 'the renewed NinjaOne sign-in could not be stored' }
    }
  }

  const refresh = async (): Promise<Bearer> => {
    if (unsaved) return keepOrWait(unsaved)
    const refreshToken = await tokens.read()
    if (!refreshToken) return { is: 'signed-out', detail: SIGN_IN }
    const answer = await askToken({ grant_type: 'refresh_token', refresh_token: refreshToken })
    if (answer.is !== 'answer') return { is: 'not-now', detail: answer.detail }
    const given = answer.status === 200 ? tokenAnswer.safeParse(jsonOf(answer.text)) : undefined
    if (given?.success) return keepOrWait(given.data)
    const { status, isHtml, text, retryAfterMs } = answer
    const { codes, words } = explainAnswer(text)
    if (codes.some((code) => DEAD.includes(code))) {
      onEvent('ninjaone.signed-out', { words, remedy: SIGN_IN })
      await tokens.save(undefined)
      return { is: 'signed-out', detail: SIGN_IN }
    }
    if (status === 404 && !isHtml) return { is: 'signed-out', detail: WRONG_CLIENT }
    if (codes.includes('invalid_client'))
      return { is: 'signed-out', detail: 'NinjaOne refuses the client secret: check ninjaone.clientSecret.' }
    return {
      is: 'not-now',
      detail: `token request answered ${status}${isHtml ? ' (a page)' : ''}`,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }
  const bearerNow = (): Promise<Bearer> => {
    if (access && clock.monotonicMs() < access.untilMs)
      return Promise.resolve({ is: 'token', token: access.token })
    refreshing ??= alone(refresh)
      .catch((error: unknown): Bearer => ({ is: 'not-now', detail: String(error) }))
      .finally(() => (refreshing = undefined))
    return refreshing
  }

  return {
    async request(config) {
      for (let attempt = 1; ; attempt++) {
        const bearer = await bearerNow()
        if (bearer.is === 'signed-out') return bearer
        if (bearer.is === 'not-now') return { ...bearer, is: 'no-connection' }
        const answer = await exchange({
          ...config,
          headers: { ...plainHeaders(config.headers), authorization: `Bearer ${bearer.token}` },
        })
        if (answer.is !== 'answer' || answer.status !== 401 || attempt > 1) return answer
        if (access?.token === bearer.token) access = undefined // unless somebody renewed it meanwhile
      }
    },
    signInUrl(redirectUri, state) {
      const url = new URL('/ws/oauth/authorize', account.host)
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: account.clientId,
        redirect_uri: redirectUri,
        scope: SCOPE,
        state,
      }).toString()
      return url.href
    },
    signIn: (code, redirectUri) =>
      alone(async () => {
        const answer = await askToken({ grant_type: 'authorization_code', code, redirect_uri: redirectUri })
        if (answer.is !== 'answer') throw new Error(`NinjaOne cannot be reached: ${answer.detail}`)
        const given = answer.status === 200 ? tokenAnswer.safeParse(jsonOf(answer.text)) : undefined
        if (!given?.success) throw new Error(explainSignIn(answer))
        if (!given.data.refresh_token)
          throw new Error(
            'NinjaOne gave no refresh token: allow the grant "Refresh Token" for this client app, of platform Web.',
          )
        await keep(given.data)
      }),
    isSignedIn: async () => (await tokens.read()) !== undefined,
  }
}

function explainSignIn({ status, text, isHtml }: Extract<Answer, { is: 'answer' }>): string {
  if (status === 404) return WRONG_CLIENT
  const words = isHtml ? 'it answered a page, perhaps it is throttling: try again' : explainAnswer(text).words
  return `NinjaOne refused the sign-in (${status}): ${words}`
}

function plainHeaders(headers: AxiosRequestConfig['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]))
}
