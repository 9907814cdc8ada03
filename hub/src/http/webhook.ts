import { maskNumberForLog } from '@3cx-ninja/phone-numbers/maskNumbers.ts'
import { Hono, type Context } from 'hono'
import type { BoardCall, Clock } from '@3cx-ninja/protocol'
import { bearerOf, sameSecret } from '../access/access.ts'
import type { Attempts } from '../access/attempts.ts'
import type { Calls } from '../calls/calls.ts'
import type { Log } from '../observe/log.ts'
import { readCallEvent, type CallEvent } from '../threecx/readCallEvent.ts'
import { readReportBody } from '../threecx/reportBody.ts'
import type { WebhookHistory } from '../threecx/webhookHistory.ts'
import type { HubEnv, Routes } from './app.ts'

const BAD_SECRET =
  "The header 'Authorization: Bearer …' does not bear this hub's webhook secret: enter it in the CRM template's field (a secret just made counts after the hub's restart)."
const NO_SECRET = 'Set threecx.webhookSecret and put it into the CRM template.'

/** What the routes of webhooks act on, and the secret that admits to them. */
export interface WebhookNeeds {
  readonly calls: Pick<Calls, 'reportFromPbx' | 'startFromPbx'>
  readonly clock: Clock
  readonly log: Log
  readonly secret: string | undefined
  readonly attempts: Attempts
  readonly history: WebhookHistory
}

type Understood = Extract<CallEvent, { ok: true }>

/**
 * Returns the routes of `/webhook/3cx`: `call-event` stores the PBX's report at the end of a call, or middleware's of its start,
 * `test` only reads one, `health` answers. Idempotent: 3CX may send a report again. Each refusal leaves one line in the log
 * and one in the history.
 */
export function webhookRoutes(needs: WebhookNeeds): Routes {
  const app = new Hono<HubEnv>()
  const { clock, log, secret, attempts, history } = needs
  const refusal = (path: string, status: number, error: string, message: string) => {
    log.warn({ path, status, error, message }, 'webhook.refused')
    history.add({ outcome: 'refused', status, message, extension: null, number: null, callId: null, remarks: [] }) // prettier-ignore
    return { error, message }
  }
  app.use('/webhook/3cx/*', async (c, next) => {
    const named = bearerOf(c.req.raw.headers)
    if (secret === undefined) return c.json(refusal(c.req.path, 401, 'no-secret', NO_SECRET), 401)
    // The comparison comes first: the PBX may share its address with whoever guesses.
    if (named === undefined || !sameSecret(named, secret)) {
      const failed = attempts.failed('webhook secret', c.env.remoteAddress)
      if (!failed.locked) return c.json(refusal(c.req.path, 401, 'bad-secret', BAD_SECRET), 401)
      // Of many wrong secrets only the first are named: the lock answers those after them.
      c.header('retry-after', String(failed.retryAfterSeconds))
      return c.json({ error: 'too-many-attempts', message: BAD_SECRET }, 429)
    }
    return next()
  })
  app.get('/webhook/3cx/health', (c) => c.json({ status: 'ok' }))
  app.post('/webhook/3cx/call-event', async (c) => {
    const event = await readEvent(c, clock.nowMs())
    history.unfilled(event.unfilled)
    if (!event.ok) {
      const message = `The report lacks ${event.missing}: use the CRM template of this hub.`
      return c.json(refusal(c.req.path, 400, 'broken-event', message), 400)
    }
    const { call, remarks } = await apply(needs, event)
    // The sender finds its own id in the answer; ours is beside it.
    return c.json({
      success: true,
      callId: event.senderCallId ?? call.callId,
      hubCallId: call.callId,
      status: call.phase,
      message: 'stored',
      ...(remarks.length > 0 ? { remarks } : {}),
    })
  })
  app.post('/webhook/3cx/test', async (c) => {
    const event = await readEvent(c, clock.nowMs())
    if (!event.ok) return c.json({ success: false, message: `missing: ${event.missing}` }, 400)
    const understood = event.kind === 'ended' ? event.report : event.start
    const { kind, remarks, unfilled } = event
    return c.json({ success: true, kind, understood, remarks, unfilled, message: 'nothing was stored' })
  })
  return app
}

async function readEvent(c: Context<HubEnv>, nowMs: number): Promise<CallEvent> {
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  return readCallEvent(await readReportBody(bytes, c.req.header('content-type')), nowMs)
}

async function apply(
  { calls, log, history }: WebhookNeeds,
  event: Understood,
): Promise<{ readonly call: BoardCall; readonly remarks: readonly string[] }> {
  const remarks = [...event.remarks]
  const remark = (sentence: string) => void remarks.push(sentence)
  const isEnd = event.kind === 'ended'
  const call = isEnd
    ? await calls.reportFromPbx(event.report, remark)
    : await calls.startFromPbx(event.start, remark)
  const { extension, remoteNumber } = isEnd ? event.report : event.start
  const about = { callId: call.callId, extension, number: maskNumberForLog(remoteNumber) }
  if (isEnd) log.info({ ...about, missed: event.report.missed, remarks }, 'call.pbx-report')
  else log.info({ ...about, remarks }, 'call.pbx-start')
  const number = about.number ?? null
  history.add({ outcome: event.kind, status: 200, message: 'stored', extension, number, callId: call.callId, remarks }) // prettier-ignore
  return { call, remarks }
}
