import { maskNumberForLog } from '@3cx-ninja/phone-numbers/maskNumbers.ts'
import { Hono } from 'hono'
import type { Clock } from '@3cx-ninja/protocol'
import { bearerOf, sameSecret } from '../access/access.ts'
import type { Attempts } from '../access/attempts.ts'
import type { Calls } from '../calls/calls.ts'
import type { Log } from '../observe/log.ts'
import { readCallEvent } from '../threecx/readCallEvent.ts'
import type { HubEnv, Routes } from './app.ts'
import { readJson } from './readJson.ts'

const BAD_SECRET =
  "The header 'Authorization: Bearer …' does not bear this hub's webhook secret: enter it in the CRM template's field (a secret just made counts after the hub's restart)."

/**
 * Returns the route `/webhook/3cx/call-event`, which stores the PBX's report at the end of a call. Idempotent: 3CX
 * may send it again.
 */
export function webhookRoutes({
  calls,
  clock,
  log,
  secret,
  attempts,
}: {
  calls: Calls
  clock: Clock
  log: Log
  secret: string | undefined
  attempts: Attempts
}): Routes {
  const app = new Hono<HubEnv>()
  app.use('/webhook/3cx/*', async (c, next) => {
    const named = bearerOf(c.req.raw.headers)
    if (secret === undefined)
      return c.json(
        { error: 'no-secret', message: 'Set threecx.webhookSecret and put it into the CRM template.' },
        401,
      )
    // The comparison comes first: the PBX may share its address with whoever guesses.
    if (named === undefined || !sameSecret(named, secret)) {
      const failed = attempts.failed('webhook secret', c.env.remoteAddress)
      if (!failed.locked) return c.json({ error: 'bad-secret', message: BAD_SECRET }, 401)
      c.header('retry-after', String(failed.retryAfterSeconds))
      return c.json({ error: 'too-many-attempts', message: BAD_SECRET }, 429)
    }
    return next()
  })
  app.post('/webhook/3cx/call-event', async (c) => {
    const body: unknown = c.req.header('content-type')?.includes('json')
      ? await readJson(c)
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
    const event = readCallEvent(await readJson(c), clock.nowMs())
    return event.ok
      ? c.json({ success: true, understood: event.report, message: 'nothing was stored' })
      : c.json({ success: false, message: `missing: ${event.missing}` }, 400)
  })
  return app
}
