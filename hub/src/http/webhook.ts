import { maskNumberForLog } from '@3cx-ninja/phone-numbers/maskNumbers.ts'
import { Hono } from 'hono'
import type { Clock } from '@3cx-ninja/protocol'
import { bearerOf, sameSecret } from '../access/access.ts'
import type { Calls } from '../calls/calls.ts'
import type { Log } from '../observe/log.ts'
import { readCallEvent } from '../threecx/readCallEvent.ts'
import type { HubEnv, Routes } from './app.ts'

/**
 * Returns the route `/webhook/3cx/call-event`, which stores the PBX's report at the end of a call. Idempotent: 3CX
 * may send it again.
 */
export function webhookRoutes({
  calls,
  clock,
  log,
  secret,
}: {
  calls: Calls
  clock: Clock
  log: Log
  secret: string | undefined
}): Routes {
  const app = new Hono<HubEnv>()
  app.use('/webhook/3cx/*', async (c, next) => {
    const named = bearerOf(c.req.raw.headers)
    if (secret === undefined)
      return c.json(
        { error: 'no-secret', message: 'Set threecx.webhookSecret and put it into the CRM template.' },
        401,
      )
    if (named === undefined || !sameSecret(named, secret))
      return c.json(
        {
          error: 'bad-secret',
          message:
            "The header 'Authorization: Bearer …' does not bear this hub's webhook secret: enter it in the CRM template's field (a secret just made counts after the hub's restart).",
        },
        401,
      )
    return next()
  })
  app.post('/webhook/3cx/call-event', async (c) => {
    const body: unknown = c.req.header('content-type')?.includes('json')
      ? await c.req.json().catch(() => undefined)
      : await c.req.parseBody()
    const event = readCallEvent(body, clock.nowMs())
    if (!event.ok)
      return c.json(
        {
          error: 'broken-event',
          message: `The report lacks ${event.missing}: use the CRM template of this hub.`,
        },
        400,
      )
    const call = await calls.reportFromPbx(event.report)
    log.info(
      {
        callId: call.callId,
        extension: call.extension,
        number: maskNumberForLog(event.report.remoteNumber),
        missed: event.report.missed,
      },
      'call.pbx-report',
    )
    return c.json({ success: true, callId: call.callId, status: call.phase, message: 'stored' })
  })
  app.post('/webhook/3cx/test', async (c) => {
    const event = readCallEvent(await c.req.json().catch(() => undefined), clock.nowMs())
    return event.ok
      ? c.json({ success: true, understood: event.report, message: 'nothing was stored' })
      : c.json({ success: false, message: `missing: ${event.missing}` }, 400)
  })
  return app
}
