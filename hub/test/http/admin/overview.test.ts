import { expect, it } from 'vitest'
import { callId } from '@3cx-ninja/protocol'
import type { Client, HelpdeskAnswer, OutboxView, Overview } from '../../../src/http/admin/messages.ts'
import { aCall, aWorkerOffer } from '../../../testing/messages.ts'
import { startHub, type TestAdmin } from '../../../testing/startHub.ts'
import { nextProposed, until } from '../../adminPage/waiting.ts'

const overviewOf = async (admin: TestAdmin) => (await admin.ask('/api/admin/overview')).json<Overview>()
const membersOf = async (admin: TestAdmin) => (await admin.ask('/api/admin/clients')).json<Client[]>()
const outboxOf = async (admin: TestAdmin) => (await admin.ask('/api/admin/outbox')).json<OutboxView>()

it('counts connected clients, each once, and the active calls', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  expect(await overviewOf(admin)).toMatchObject({
    version: '0.0.0-test',
    connected: { agent: 0, worker: 0, wallboard: 0 },
    callsNow: 0,
    helpdesk: { kind: 'ninjaone', name: 'NinjaOne', state: 'not-configured' },
    consentConfirmed: true,
    restartPending: [],
  })
  const anna = await hub.enroll('agent', { name: 'Anna' })
  await hub.enroll('agent', { name: 'Bea', extension: '102' })
  const link = await hub.connect('agent', anna)
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  const wallboard = await hub.enroll('wallboard')
  await hub.connect('wallboard', wallboard)
  await hub.connect('wallboard', wallboard)
  worker.send(aWorkerOffer({ slots: 3 }))
  link.send({ kind: 'call-report', call: aCall() })
  await link.next('call-stored')
  await until('the worker’s slots', async () => (await overviewOf(admin)).slots.total === 3)
  const reported = await overviewOf(admin)
  expect(reported).toMatchObject({
    connected: { agent: 1, worker: 1, wallboard: 1 },
    clients: { agent: 2, worker: 1, wallboard: 1 },
    callsNow: 1,
  })
  expect(reported.upMs).toBeGreaterThan(0)
  expect(reported.disk.freeBytes).toBeGreaterThan(0)
  expect(reported.parts.find(({ name }) => name === 'workers')).toMatchObject({ state: 'ok' })
  link.close()
  await until('Anna is gone', async () => (await overviewOf(admin)).connected.agent === 0)
})

it('lists clients with machine and presence, without their tokens, and cuts the link of a revoked one', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const anna = await hub.enroll('agent', { name: 'Anna', email: 'anna@example.ch', machine: 'PC-7' })
  const link = await hub.connect('agent', anna)
  const [member] = await membersOf(admin)
  expect(member).toMatchObject({ id: anna.id, role: 'agent', name: 'Anna', email: 'anna@example.ch', extension: '101', machine: 'PC-7', connected: true }) // prettier-ignore
  expect(JSON.stringify(member)).not.toContain('oken')
  await admin.ask(`/api/admin/clients/${anna.id}`, 'DELETE')
  expect((await link.closed).code).toBe(4401)
  expect(await membersOf(admin)).toEqual([])
})

it('lists a ticket that waits for the sign-in with its reason, and retries it on request', async () => {
  await using hub = await startHub({
    settings: {
      ninjaone: { host: 'http://127.0.0.1:9', clientId: 'id', clientSecret: 'secret', organizationId: 1 },
      tickets: { undoSeconds: 0 },
    },
  })
  const admin = await hub.signInAdmin()
  const link = await hub.connect('agent', await hub.enroll('agent', { name: 'Anna' }))
  const call = aCall({
    phase: 'missed',
    endedAtMs: Date.now(),
    recording: 'none',
    remoteName: 'Thomas Girard',
  })
  link.send({ kind: 'call-report', call })
  const { draftId, revision } = await nextProposed(link)
  expect(await outboxOf(admin)).toMatchObject({
    writes: [],
    drafts: [{ at: 'proposed', title: 'Appel manqué de Thomas Girard', agentName: 'Anna', extension: '101' }],
    unreadable: 0,
  })
  link.send({ kind: 'draft-decide', draftId, baseRevision: revision, decision: { kind: 'file' } })
  await until('blocked', async () => (await outboxOf(admin)).writes[0]?.at === 'blocked')
  const [write] = (await outboxOf(admin)).writes
  expect(write).toMatchObject({ kind: 'ticket', subject: 'Appel manqué de Thomas Girard', reason: 'sign-in', callId: callId.parse(call.callId) }) // prettier-ignore
  expect((await admin.ask('/api/admin/helpdesk')).json<HelpdeskAnswer>()).toMatchObject({
    state: 'signed-out',
    redirectUri: `${hub.url}/auth/helpdesk/callback`,
  })
  const tries = () => hub.log.filter(({ event }) => event === 'outbox.sending').length
  expect(tries()).toBe(1)
  expect((await admin.ask('/api/admin/outbox/retry', 'POST')).json()).toEqual({ retried: 1 })
  await until('tried again, and blocked', async () => {
    const [again] = (await outboxOf(admin)).writes
    return tries() === 2 && again?.at === 'blocked'
  })
})

it('redirects a browser from NinjaOne back to the page, answers a script in JSON, and keeps the last failure', async () => {
  await using hub = await startHub({
    settings: { ninjaone: { host: 'http://127.0.0.1:9', clientId: 'id', clientSecret: 'secret' } },
  })
  const admin = await hub.signInAdmin()
  const beginState = async () => {
    const { headers } = await admin.ask('/api/admin/helpdesk/sign-in')
    return new URL(String(headers.location)).searchParams.get('state') ?? ''
  }
  const html = { accept: 'text/html,application/xhtml+xml' }
  const unknown = await hub.ask('/auth/helpdesk/callback?code=x&state=wrong', { headers: html })
  expect(unknown).toMatchObject({ status: 303 })
  expect(unknown.headers.location).toBe('/admin?helpdesk=unknown-sign-in#helpdesk')
  const refused = `/auth/helpdesk/callback?error=access_denied&state=${await beginState()}`
  expect((await hub.ask(refused, { headers: html })).headers.location).toBe(
    '/admin?helpdesk=refused#helpdesk',
  )
  const failed = await hub.ask(`/auth/helpdesk/callback?code=x&state=${await beginState()}`)
  expect(failed).toMatchObject({ status: 502 })
  expect(failed.json()).toMatchObject({ message: expect.stringContaining('NinjaOne cannot be reached') })
  const { lastFailure } = (await admin.ask('/api/admin/helpdesk')).json<HelpdeskAnswer>()
  expect(lastFailure).toContain('NinjaOne cannot be reached')
})
