import { expect, it, onTestFinished } from 'vitest'
import type { CallId, CallSnapshot, Draft } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import { SANDBOX_CLIENT, startSandbox } from '../../testing/sandboxNinjaOne.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const WEBHOOK = '/webhook/3cx/call-event'
const SECRET = 'webhook-secret-of-the-test-0123456789'
const authorization = `Bearer ${SECRET}`

/** Starts a real hub beside the sandbox NinjaOne; both run on one fake clock. */
async function aSite() {
  const clock = createFakeClock(Date.now())
  const sandbox = await startSandbox(clock)
  onTestFinished(() => sandbox[Symbol.asyncDispose]())
  const hub = await startHub({
    clock,
    settings: {
      ninjaone: { host: sandbox.url, ...SANDBOX_CLIENT, requestsPerSecond: 50, organizationId: 1 },
      threecx: { webhookSecret: SECRET },
      tickets: { countdownSeconds: 5, undoSeconds: 0 },
    },
  })
  onTestFinished(() => hub[Symbol.asyncDispose]())
  // Between two moves of time the hub answers once over the wire: time never outruns its disk and its requests.
  const until = async (what: string, holds: () => boolean | Promise<boolean>) => {
    for (let turn = 0; turn < 500; turn++) {
      if (await holds()) return
      await hub.ask('/metrics')
      await clock.advance(200)
    }
    throw new Error(`never: ${what}`)
  }
  return { clock, sandbox, hub, until }
}
async function signInToNinjaOne(hub: TestHub): Promise<void> {
  const begun = await (await hub.signInAdmin()).ask('/api/admin/helpdesk/sign-in')
  const back = await fetch(String(begun.headers.location), { redirect: 'manual' })
  const { pathname, search } = new URL(back.headers.get('location') ?? '')
  expect((await hub.ask(`${pathname}${search}`)).json()).toMatchObject({ signedIn: true })
  expect((await hub.ask(`${pathname}${search}`)).json()).toMatchObject({ error: 'unknown-sign-in' })
}
const aMissedCall = (clock: { nowMs(): number }): CallSnapshot => ({
  callId: 'CALL-OF-THE-AGENT-1' as CallId,
  revision: 1,
  phase: 'missed',
  direction: 'inbound',
  extension: '101',
  startedAtMs: clock.nowMs() - 20_000,
  endedAtMs: clock.nowMs(),
  recording: 'none',
})
async function nextDraft(agent: RawLink, is: (draft: Draft) => boolean): Promise<Draft> {
  for (;;) {
    const { draft } = (await agent.next('draft')) as unknown as { draft: Draft }
    if (is(draft)) return draft
  }
}
const part = async (hub: TestHub, name: string) =>
  (await hub.ask('/health')).json<{ parts: { name: string }[] }>().parts.find((one) => one.name === name)
const figure = async (hub: TestHub, name: string) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await hub.ask('/metrics')).text)?.[1])

it('joins the PBX’s report to the agent’s call, identifies the caller, and files one ticket', async () => {
  const { clock, sandbox, hub, until } = await aSite()
  await signInToNinjaOne(hub)
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  agent.send({ kind: 'call-report', call: aMissedCall(clock) })
  const before = await nextDraft(agent, ({ state }) => state.at === 'proposed')
  expect(before.fields).toMatchObject({ title: 'Appel manqué', organizationId: '1' })
  expect(await figure(hub, 'hub_drafts_waiting')).toBe(1)

  const body = JSON.stringify({ callType: 'Missed', agentExt: '101', number: '02 40 11 22 33', endUtc: new Date(clock.nowMs()).toISOString() }) // prettier-ignore
  const first = (await hub.ask(WEBHOOK, { body, headers: { authorization } })).json()
  const again = (await hub.ask(WEBHOOK, { body, headers: { authorization } })).json()
  expect(first).toMatchObject({ success: true, callId: 'CALL-OF-THE-AGENT-1' })
  expect(again).toEqual(first)
  const known = await nextDraft(agent, ({ fields }) => fields.organizationId === '41')
  expect(known.fields).toMatchObject({ contactName: 'Thomas Girard', title: 'Appel manqué de Thomas Girard' })

  agent.send({ kind: 'draft-visible', draftId: known.draftId, revision: known.revision })
  await until('filed', () => sandbox.held.tickets.length > 0)
  await until('nothing waits', async () => (await figure(hub, 'hub_writes_waiting')) === 0)
  await until('no draft waits', async () => (await figure(hub, 'hub_drafts_waiting')) === 0)
  expect(sandbox.held.tickets).toMatchObject([{ clientId: 41, subject: 'Appel manqué de Thomas Girard' }])
  expect(await figure(hub, 'hub_tickets_total')).toBe(1)
  // The log names the call, not the caller's number.
  const logged = JSON.stringify(hub.log)
  expect(logged).toContain('call.pbx-report')
  expect(logged.replaceAll(/\D/g, '')).not.toContain('240112233')
})

it('reports in /health that NinjaOne requires a technician’s sign-in, with the remedy, until it works again', async () => {
  const { clock, sandbox, hub, until } = await aSite()
  await signInToNinjaOne(hub)
  await sandbox.fail('POST /v2/ticketing/ticket', { kind: 'status', status: 403, body: { resultCode: 'user_context_required' } }) // prettier-ignore
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  agent.send({ kind: 'call-report', call: aMissedCall(clock) })
  const { draftId, revision } = await nextDraft(agent, ({ state }) => state.at === 'proposed')
  agent.send({ kind: 'draft-visible', draftId, revision })
  await until('blocked', async () => (await figure(hub, 'hub_writes_blocked')) === 1)
  expect(await part(hub, 'helpdesk')).toMatchObject({
    state: 'degraded',
    reason: expect.stringMatching(/1 tickets or comments wait for a person: NinjaOne answered 403: user_context_required/) as string, // prettier-ignore
    remedy: expect.stringContaining('Sign in to the helpdesk as a technician on the admin page') as string,
  })
  await signInToNinjaOne(hub)
  await until('filed', () => sandbox.held.tickets.length > 0)
  await until('well', async () => (await figure(hub, 'hub_writes_blocked')) === 0)
  expect(await part(hub, 'helpdesk')).toMatchObject({ state: 'ok' })
})

it('answers the PBX with cause and remedy when the secret is missing or wrong, or the report broken or oversize', async () => {
  const { hub } = await aSite()
  const ask = (body: string, headers: Record<string, string> = { authorization }) =>
    hub.ask(WEBHOOK, { body, headers })
  expect(await ask('{}', {})).toMatchObject({ status: 401 })
  expect((await ask('{}', { authorization: 'Bearer wrong' })).json()).toMatchObject({ error: 'bad-secret' })
  expect((await ask('{"number":')).json()).toMatchObject({ error: 'broken-event' })
  expect((await ask('{"number":"1"}')).json()).toMatchObject({
    message: expect.stringContaining('agentExt') as string,
  })
  expect((await ask(JSON.stringify({ agentExt: '101', name: 'x'.repeat(300_000) }))).status).toBe(413)
  const form = { 'content-type': 'application/x-www-form-urlencoded', authorization }
  expect(await hub.ask(WEBHOOK, { method: 'POST', body: 'agentExt=101&number=0240112233', headers: form })).toMatchObject({ status: 200 }) // prettier-ignore
  const tried = await hub.ask('/webhook/3cx/test', { body: '{"agentExt":"101"}', headers: { authorization } })
  expect(tried.json()).toMatchObject({
    success: true,
    understood: { extension: '101' },
    message: 'nothing was stored',
  })
  await hub.restart({ settings: { threecx: {} } })
  expect((await ask('{}')).json()).toMatchObject({ error: 'no-secret' })
})
