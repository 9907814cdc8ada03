import { Hono } from 'hono'
import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { Registry } from 'prom-client'
import { bearerOf, sameSecret } from '../access/access.ts'
import type { Attempts } from '../access/attempts.ts'
import type { HubEnv, Routes } from './app.ts'
import { createTokenBuckets } from './tokenBuckets.ts'

/** One part of the hub as `/health` shows it. `failed`: the hub is not ready. */
export interface HealthPart {
  readonly name: string
  readonly state: 'ok' | 'degraded' | 'failed'
  readonly reason?: string
  readonly remedy?: string
  /** The client that causes it, by the id under which the admin page lists it: others do not learn who that is. */
  readonly client?: { readonly role: string; readonly id: string }
  /** The reason with names and addresses: for administrators, the bearer of the metrics token, and the hub's own machine. */
  readonly detail?: string
}

/** How often the open answers are computed and given, with the reasons. */
export const healthTuning = {
  /** Nobody needs a newer answer; computing one takes some milliseconds. */
  freshMs: SECOND_MS,
  /** Requests of one address: a monitor asks every few seconds, and starts of programs in a row. */
  perSecond: 20,
  burst: 60,
}

/** Returns a function that resolves with the newest value, made at most once per `freshMs` however many ask. A failure is made again at the next request. */
export function sharedFor<Value>(
  clock: Pick<Clock, 'monotonicMs'>,
  freshMs: number,
  make: () => Promise<Value>,
): () => Promise<Value> {
  let last: { readonly value: Promise<Value>; readonly atMs: number } | undefined
  return () => {
    if (last && clock.monotonicMs() - last.atMs < freshMs) return last.value
    const value = make()
    const mine = { value, atMs: clock.monotonicMs() }
    last = mine
    value.catch(() => {
      if (last === mine) last = undefined
    })
    return value
  }
}

interface HealthRoutesNeeds {
  readonly parts: () => Promise<readonly HealthPart[]>
  readonly registry: Registry
  readonly version: string
  readonly clock: Clock
  /** With it, `/metrics` answers only who bears it. */
  readonly metricsToken: string | undefined
  readonly attempts: Attempts
  /** Returns whether a request from this address was surely made on the hub's own machine. */
  readonly isOwnMachine: (address: string) => boolean
}

/**
 * Returns the routes `/health` and `/api/health` (503 when a part failed) and `/metrics` for Prometheus. Each body is made at most
 * once a second for all who ask, and an address gets so many a second.
 */
export function healthRoutes(needs: HealthRoutesNeeds, tuning = healthTuning): Routes {
  const { clock, metricsToken, registry } = needs
  const buckets = createTokenBuckets({ monotonicMs: () => clock.monotonicMs(), debt: 0, ...tuning })
  const named = sharedFor(clock, tuning.freshMs, needs.parts)
  const body = (parts: readonly HealthPart[], isOpen: boolean) => {
    const failed = parts.some(({ state }) => state === 'failed')
    const degraded = parts.some(({ state }) => state === 'degraded')
    const status = failed ? 'failed' : degraded ? 'degraded' : 'ok'
    const shown = parts.map(({ detail, ...part }) =>
      isOpen || detail === undefined ? part : { ...part, reason: detail },
    )
    const text = JSON.stringify({ ready: !failed, status, version: needs.version, parts: shown })
    return { text, status: failed ? 503 : 200 } as const
  }
  const open = sharedFor(clock, tuning.freshMs, async () => body(await named(), true))
  const known = sharedFor(clock, tuning.freshMs, async () => body(await named(), false))
  const metrics = sharedFor(clock, tuning.freshMs, () => registry.metrics())
  const bearsToken = (headers: Headers) =>
    metricsToken !== undefined && sameSecret(bearerOf(headers) ?? '', metricsToken)

  const app = new Hono<HubEnv>()
  app.on('GET', ['/health', '/api/health', '/metrics'], async (c, next) => {
    if (bearsToken(c.req.raw.headers) || buckets.take(c.env.remoteAddress) === 0) return next()
    c.header('retry-after', '1')
    return c.json({ error: 'too-many', message: 'Too many requests from this address: wait a second.' }, 429)
  })
  app.on('GET', ['/health', '/api/health'], async (c) => {
    const isKnown = bearsToken(c.req.raw.headers) || needs.isOwnMachine(c.env.remoteAddress)
    const answer = await (isKnown ? known() : open())
    return c.body(answer.text, answer.status, { 'content-type': 'application/json' })
  })
  app.get('/metrics', async (c) => {
    if (metricsToken !== undefined && !bearsToken(c.req.raw.headers)) {
      const failed = needs.attempts.failed('metrics token', c.env.remoteAddress)
      if (failed.locked) c.header('retry-after', String(failed.retryAfterSeconds))
      const message = 'Send the token of the setting hub.metricsToken as Authorization: Bearer.'
      return c.json({ error: 'bad-token', message }, failed.locked ? 429 : 401)
    }
    return c.text(await metrics(), 200, { 'content-type': registry.contentType })
  })
  return app
}
