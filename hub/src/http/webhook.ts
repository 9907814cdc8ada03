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

/** What the routes of webhooks act on. */
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
  const refuse = (c: Context<HubEnv>, status: 400 | 401 | 429, error: string, message: string) => {
    // Of many wrong secrets only the first ones are logged: those after them are answered by the lock.
    if (status !== 429) {
      log.warn({ path: c.req.path, status, error, message }, 'webhook.refused')
      history.add({ outcome: 'refused', status, message, extension: null, number: null, callId: null, remarks: [] }) // prettier-ignore
    }
    return c.json({ error, message }, status)
  }
  app.use('/webhook/3cx/*', async (c, next) => {
    const named = bearerOf(c.req.raw.headers)
    if (secret === undefined) return refuse(c, 401, 'no-secret', NO_SECRET)
    // The comparison comes first: the PBX may share its address with whoever guesses.
    if (named === undefined || !sameSecret(named, secret)) {
      const failed = attempts.failed('webhook secret', c.env.remoteAddress)
      if (!failed.locked) return refuse(c, 401, 'bad-secret', BAD_SECRET)
      c.header('retry-after', String(failed.retryAfterSeconds))
      return refuse(c, 429, 'too-many-attempts', BAD_SECRET)
    }
    return next()
  })
  app.get('/webhook/3cx/health', (c) => c.json({ status: 'ok' }))
  app.post('/webhook/3cx/call-event', async (c) => {
    const event = await readEvent(c, clock.nowMs())
    history.unfilled(event.unfilled)
    if (!event.ok)
      return refuse(c, 400, 'broken-event', `The report lacks ${event.missing}: use the CRM template of this hub.`) // prettier-ignore
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
