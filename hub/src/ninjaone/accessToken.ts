import { createSerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { parseJson, type Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { explainAnswer, type Answer } from './answers.ts'
import { TOKEN_MARGIN_MS } from './tuning.ts'

// The one sign-in of the hub at NinjaOne. The refresh token rotates with each use, so the new one is stored before the
// access token that came with it is used. States: no refresh token (signed out; left by a sign-in), access token valid,
// access token expired (left by a refresh, or by signed out when the refresh token is dead), answer not stored (left by
// the next save that succeeds). Knows nothing of tickets.

/** Keeps the one refresh token. `save` must be durable when it resolves. */
export interface RefreshTokenStore {
  read(): Promise<string | undefined>
  save(token: string | undefined): Promise<void>
}

/** What the next request gets: a token, or the reason why the request cannot leave. */
export type AccessToken =
  | { readonly kind: 'token'; readonly token: string }
  /** A person must act: sign in, or correct the settings. */
  | { readonly kind: 'signed-out'; readonly detail: string }
  /** No token now: NinjaOne is away, or its answer cannot be stored. The request that wanted the token never left. */
  | { readonly kind: 'unavailable'; readonly detail: string; readonly retryAfterMs?: number }

/** Access tokens of one account, each renewed before it expires. */
export interface AccessTokens {
  /** Resolves with a token that is valid for the next request; one refresh serves everyone that waits. Never rejects. */
  current(): Promise<AccessToken>
  /** Forgets this access token after a 401, unless it was renewed meanwhile. */
  invalidate(token: string): void
  /** Exchanges the code of a finished sign-in and stores the refresh token. Rejects with a sentence. */
  signIn(code: string, redirectUri: string): Promise<void>
  isSignedIn(): Promise<boolean>
}

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

/** Everything that the tokens need: the token request, the durable store, clock and events. */
export interface AccessTokensNeeds {
  /** Sends one form to NinjaOne's token address, with the client id and secret. */
  readonly request: (form: Record<string, string>) => Promise<Answer>
  readonly store: RefreshTokenStore
  readonly clock: Clock
  readonly onEvent: (event: string, fields: object) => void
}

interface TokenState {
  readonly needs: AccessTokensNeeds
  access: { readonly token: string; readonly untilMs: number } | undefined
  /** A rotated token that the disk refused so far. The stored one is dead already, so this one must not be lost. */
  unsaved: TokenAnswer | undefined
  refreshing: Promise<AccessToken> | undefined
}

/** Returns the tokens of one account. Holds no timers and needs no closing. */
export function createAccessTokens(needs: AccessTokensNeeds): AccessTokens {
  const state: TokenState = { needs, access: undefined, unsaved: undefined, refreshing: undefined }
  /** A sign-in and a refresh never run at once: the later answer would overwrite the newer token. */
  const queue = createSerialQueue()
  return {
    current() {
      const { access } = state
      if (access && needs.clock.monotonicMs() < access.untilMs)
        return Promise.resolve({ kind: 'token', token: access.token })
      state.refreshing ??= queue
        .run(() => refresh(state))
        .catch((error: unknown): AccessToken => ({ kind: 'unavailable', detail: String(error) }))
        .finally(() => (state.refreshing = undefined))
      return state.refreshing
    },
    invalidate(token) {
      if (state.access?.token === token) state.access = undefined
    },
    signIn: (code, redirectUri) => queue.run(() => signIn(state, code, redirectUri)),
    isSignedIn: async () => (await needs.store.read()) !== undefined,
  }
}

async function refresh(state: TokenState): Promise<AccessToken> {
  const { request, store } = state.needs
  if (state.unsaved) return keepOrWait(state, state.unsaved)
  const refreshToken = await store.read()
  if (!refreshToken) return { kind: 'signed-out', detail: SIGN_IN }
  const answer = await request({ grant_type: 'refresh_token', refresh_token: refreshToken })
  if (answer.kind !== 'answer') return { kind: 'unavailable', detail: answer.detail }
  const granted = answer.status === 200 ? tokenAnswer.safeParse(parseJson(answer.text)) : undefined
  return granted?.success ? keepOrWait(state, granted.data) : explainRefusal(state, answer)
}

async function explainRefusal(
  { needs }: TokenState,
  { status, isHtml, text, retryAfterMs }: Extract<Answer, { kind: 'answer' }>,
): Promise<AccessToken> {
  const { codes, words } = explainAnswer(text)
  if (codes.some((code) => DEAD.includes(code))) {
    needs.onEvent('ninjaone.signed-out', { words, remedy: SIGN_IN })
    await needs.store.save(undefined)
    return { kind: 'signed-out', detail: SIGN_IN }
  }
  if (status === 404 && !isHtml) return { kind: 'signed-out', detail: WRONG_CLIENT }
  if (codes.includes('invalid_client'))
    return { kind: 'signed-out', detail: 'NinjaOne refuses the client secret: check ninjaone.clientSecret.' }
  return {
    kind: 'unavailable',
    detail: `token request answered ${status}${isHtml ? ' (a page)' : ''}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

async function keepOrWait(state: TokenState, answer: TokenAnswer): Promise<AccessToken> {
  try {
    return { kind: 'token', token: await keep(state, answer) }
  } catch (error) {
    state.needs.onEvent('ninjaone.token-not-saved', {
      error: String(error),
      remedy: 'Free space in the data folder.',
    })
    return { kind: 'unavailable', detail: 'the renewed NinjaOne sign-in could not be stored' }
  }
}

async function keep(state: TokenState, answer: TokenAnswer): Promise<string> {
  const { store, clock } = state.needs
  state.unsaved = answer
  if (answer.refresh_token) await store.save(answer.refresh_token) // before use: the old one is dead already
  state.unsaved = undefined
  const lifeMs = answer.expires_in * 1_000
  state.access = {
    token: answer.access_token,
    untilMs: clock.monotonicMs() + lifeMs - Math.min(TOKEN_MARGIN_MS, lifeMs / 2),
  }
  return answer.access_token
}

async function signIn(state: TokenState, code: string, redirectUri: string): Promise<void> {
  const answer = await state.needs.request({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
  })
  if (answer.kind !== 'answer') throw new Error(`NinjaOne cannot be reached: ${answer.detail}`)
  const granted = answer.status === 200 ? tokenAnswer.safeParse(parseJson(answer.text)) : undefined
  if (!granted?.success) throw new Error(explainSignIn(answer))
  if (!granted.data.refresh_token)
    throw new Error(
      'NinjaOne gave no refresh token: allow the grant "Refresh Token" for this client app, of platform Web.',
    )
  await keep(state, granted.data)
}

function explainSignIn({ status, text, isHtml }: Extract<Answer, { kind: 'answer' }>): string {
  if (status === 404) return WRONG_CLIENT
  const words = isHtml ? 'it answered a page, perhaps it is throttling: try again' : explainAnswer(text).words
  return `NinjaOne refused the sign-in (${status}): ${words}`
}
