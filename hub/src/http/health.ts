import { Hono } from 'hono'
import type { Registry } from 'prom-client'
import type { HubEnv, Routes } from './app.ts'

/** One part of the hub as `/health` shows it. `failed`: the hub is not ready. */
export interface HealthPart {
  readonly name: string
  readonly state: 'ok' | 'degraded' | 'failed'
  readonly reason?: string
  readonly remedy?: string
}

/** Returns the routes `/health` and `/api/health` (503 when a part failed) and `/metrics` for Prometheus. */
export function healthRoutes({
  parts,
  registry,
  version,
}: {
  parts: () => Promise<readonly HealthPart[]>
  registry: Registry
  version: string
}): Routes {
  const app = new Hono<HubEnv>()
  app.on('GET', ['/health', '/api/health'], async (c) => {
    const all = await parts()
    const failed = all.some(({ state }) => state === 'failed')
    const degraded = all.some(({ state }) => state === 'degraded')
    return c.json(
      { ready: !failed, status: failed ? 'failed' : degraded ? 'degraded' : 'ok', version, parts: all },
      failed ? 503 : 200,
    )
  })
  app.get('/metrics', async (c) =>
    c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  )
  return app
}
