import type { AxiosRequestConfig } from 'axios'
import type { Clock } from '@3cx-ninja/protocol'
import { createAccessTokens, type RefreshTokenStore } from './accessToken.ts'
import type { Answer } from './answers.ts'
import { createExchange } from './exchange.ts'

/** One API client of one NinjaOne instance, with its own limit of requests. */
export interface NinjaOneAccount {
  readonly host: string
  readonly clientId: string
  readonly clientSecret: string
  readonly requestsPerSecond: number
}

/** What came of one request; `signed-out`: the request never left, because a person must act. */
export type ClientAnswer = Answer | { readonly kind: 'signed-out'; readonly detail: string }

/** Requests to one NinjaOne instance as one technician. No method but `signIn` rejects. */
export interface Client {
  /** Sends one request with a valid token; refreshes and repeats it once after a 401. Never rejects. */
  request(
    config: Pick<AxiosRequestConfig, 'method' | 'url' | 'data' | 'headers' | 'params'>,
  ): Promise<ClientAnswer>
  /** Returns NinjaOne's page on which the technician grants the access; `state` comes back with the code. */
  signInUrl(redirectUri: string, state: string): string
  /** Exchanges the code of a finished sign-in. Rejects with a sentence. */
  signIn(code: string, redirectUri: string): Promise<void>
  isSignedIn(): Promise<boolean>
}

const SCOPE = 'monitoring management offline_access'

/** Returns the client of one NinjaOne instance, as one signed-in technician. Knows no tickets: those are requests of tickets.ts. */
export function createClient(needs: {
  account: NinjaOneAccount
  tokens: RefreshTokenStore
  clock: Clock
  onEvent: (event: string, fields: object) => void
}): Client {
  const { account, clock } = needs
  const exchange = createExchange({ ...account, clock })
  const access = createAccessTokens({
    request: (form) => exchange(tokenRequest(account, form)),
    store: needs.tokens,
    clock,
    onEvent: needs.onEvent,
  })
  return {
    async request(config) {
      for (let attempt = 1; ; attempt++) {
        const bearer = await access.current()
        if (bearer.kind === 'signed-out') return bearer
        if (bearer.kind === 'unavailable') return { ...bearer, kind: 'no-connection' }
        const answer = await exchange({
          ...config,
          headers: { ...plainHeaders(config.headers), authorization: `Bearer ${bearer.token}` },
        })
        if (answer.kind !== 'answer' || answer.status !== 401 || attempt > 1) return answer
        access.invalidate(bearer.token)
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
    signIn: access.signIn,
    isSignedIn: access.isSignedIn,
  }
}

function tokenRequest(
  { clientId, clientSecret }: NinjaOneAccount,
  form: Record<string, string>,
): AxiosRequestConfig {
  return {
    method: 'POST',
    url: '/ws/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    data: new URLSearchParams({ ...form, client_id: clientId, client_secret: clientSecret }).toString(),
  }
}

function plainHeaders(headers: AxiosRequestConfig['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]))
}
