import axios, { isAxiosError, type AxiosRequestConfig } from 'axios'
import { z } from 'zod'
import type { Clock } from '@3cx-ninja/protocol'
import { explainAnswer, retryAfterOf, type Answer } from './answers.ts'
import { createRateLimit } from './rateLimit.ts'

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

export interface Session {
  /** One request with a valid token; refreshed and repeated once after a 401. 'signed-out': a person must sign in. */
  request(
    config: Pick<AxiosRequestConfig, 'method' | 'url' | 'data' | 'headers' | 'params'>,
  ): Promise<Answer | { readonly is: 'signed-out'; readonly detail: string }>
  signInUrl(redirectUri: string, state: string): string
  /** Exchanges the code of a finished sign-in. Rejects with a sentence. */
  signIn(code: string, redirectUri: string): Promise<void>
  isSignedIn(): Promise<boolean>
}

const REQUEST_MS = 20_000
/** A token is renewed this long before its end, so that none expires under way. */
const MARGIN_MS = 60_000
const SCOPE = 'monitoring management offline_access'
const NEVER_ARRIVED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]

const tokenAnswer = z
  .object({
    access_token: z.string().min(1),
    expires_in: z.number().positive(),
    refresh_token: z.string().min(1).optional(),
  })
  .loose()

/** Talks to one NinjaOne instance as one signed-in technician. The refresh token rotates: the new one is saved before the access token is used. */
export function createSession(needs: {
  account: NinjaOneAccount
  tokens: RefreshTokenStore
  clock: Clock
  onEvent: (event: string, fields: object) => void
}): Session {
  const { account, tokens, clock } = needs
  const rate = createRateLimit({ clock, perSecond: account.requestsPerSecond })
  const http = axios.create({
    baseURL: account.host,
    timeout: REQUEST_MS,
    maxRedirects: 0,
    maxContentLength: 32 * 1_048_576,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    proxy: false,
  })
  let access: { token: string; untilMs: number } | undefined
  let refreshing: Promise<string | undefined> | undefined

  const exchange = async (config: AxiosRequestConfig): Promise<Answer> => {
    await rate.turn()
    try {
      const { status, data, headers } = await http.request<string>(config)
      const type = String(headers['content-type'] ?? '')
      const text = typeof data === 'string' ? data : ''
      const retryAfterMs = retryAfterOf(headers['retry-after'] as string | undefined, clock.nowMs()) // a header is text or absent
      const requestId = headers['x-nj-request-id'] as string | undefined
      const isHtml = !isJson(text) && (type.includes('html') || /^\s*<(!doctype|html)/i.test(text))
      return {
        is: 'answer',
        status,
        text,
        isHtml,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(requestId ? { requestId } : {}),
      }
    } catch (error) {
      const code = isAxiosError(error) ? (error.code ?? '') : ''
      const detail = `${account.host}: ${error instanceof Error ? error.message : String(error)}`
      return { is: NEVER_ARRIVED.includes(code) ? 'no-connection' : 'cut', detail }
    }
  }

  const askToken = async (form: Record<string, string>): Promise<Answer> =>
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

  const keep = async (answer: Extract<Answer, { is: 'answer' }>): Promise<string> => {
    const parsed = tokenAnswer.parse(JSON.parse(answer.text))
    if (parsed.refresh_token) await tokens.save(parsed.refresh_token) // before use: the old one is dead already
    access = {
      token: parsed.access_token,
      untilMs: clock.monotonicMs() + parsed.expires_in * 1_000 - MARGIN_MS,
    }
    return parsed.access_token
  }

  /** undefined: a person must sign in. Throws when NinjaOne cannot be asked now. */
  const refresh = async (): Promise<string | undefined> => {
    const refreshToken = await tokens.read()
    if (!refreshToken) return undefined
    const answer = await askToken({ grant_type: 'refresh_token', refresh_token: refreshToken })
    if (answer.is !== 'answer') throw new Unreachable(answer)
    if (answer.status === 200 && !answer.isHtml) return keep(answer)
    const { codes, words } = explainAnswer(answer.text)
    if (codes.some((code) => ['invalid_grant', 'invalid_token', 'expired_token'].includes(code))) {
      needs.onEvent('ninjaone.signed-out', { words })
      await tokens.save(undefined)
      return undefined
    }
    if (answer.status === 404)
      needs.onEvent('ninjaone.unknown-client', {
        remedy: 'Wrong region or client id: check ninjaone.host and ninjaone.clientId.',
      })
    throw new Unreachable(answer)
  }
  const token = async (): Promise<string | undefined> => {
    if (access && clock.monotonicMs() < access.untilMs) return access.token
    refreshing ??= refresh().finally(() => (refreshing = undefined))
    return refreshing
  }

  return {
    async request(config) {
      for (let attempt = 1; ; attempt++) {
        let bearer: string | undefined
        try {
          bearer = await token()
        } catch (error) {
          if (!(error instanceof Unreachable)) throw error
          // The request itself never left, whatever became of the refresh.
          const detail =
            error.answer.is === 'answer'
              ? `token request answered ${error.answer.status}`
              : error.answer.detail
          return { is: 'no-connection', detail }
        }
        if (!bearer)
          return {
            is: 'signed-out',
            detail: 'Sign in to NinjaOne on the admin page: its access has ended or was never given.',
          }
        const answer = await exchange({
          ...config,
          headers: { ...plainHeaders(config.headers), authorization: `Bearer ${bearer}` },
        })
        if (answer.is !== 'answer' || answer.status !== 401 || attempt > 1) return answer
        access = undefined
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
    async signIn(code, redirectUri) {
      const answer = await askToken({ grant_type: 'authorization_code', code, redirect_uri: redirectUri })
      if (answer.is !== 'answer') throw new Error(`NinjaOne cannot be reached: ${answer.detail}`)
      if (answer.status === 404)
        throw new Error(
          'NinjaOne does not know this client id on this host: check ninjaone.host (region) and ninjaone.clientId.',
        )
      if (answer.status !== 200)
        throw new Error(
          `NinjaOne refused the sign-in (${answer.status}): ${explainAnswer(answer.text).words}`,
        )
      await keep(answer)
    },
    isSignedIn: async () => (await tokens.read()) !== undefined,
  }
}

class Unreachable extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super('NinjaOne cannot be asked for a token now')
    this.answer = answer
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function plainHeaders(headers: AxiosRequestConfig['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]))
}
