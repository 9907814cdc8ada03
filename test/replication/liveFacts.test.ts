import { once } from 'node:events'
import type { DeskSnapshot } from '../../agent/src/ipc/deskSnapshot.ts'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startSandboxPbx } from '../sandbox/pbx/callControl.ts'
import { inbound } from '../sandbox/pbx/participants.ts'
import { aPlaybackCompany } from './playbackCompany.ts'

const SECRET = 'webhook-secret-of-the-test-0123456789'
const CALLER = { party_caller_id: '+33240112233', party_caller_name: 'Thomas Girard' }

/** Starts a PBX that reports calls, a real hub connected to it, and a technician's PC with a real agent and its window's server. */
async function aCompanyWithPbx() {
  const pbx = await startSandboxPbx()
  const { clientId, clientSecret } = pbx.client
  const threecx = { callControl: { url: pbx.url, clientId, clientSecret }, webhookSecret: SECRET }
  const company = await aPlaybackCompany({ settings: { threecx } })
  const { agent } = company.web
  const page = await aPage(company.web.link)
  await page.until(({ consentConfirmed, hub }) => consentConfirmed && hub.at === 'open')
  await company.hub.logged('threecx.open')
  return {
    pbx,
    company,
    page,
    /** Restarts the hub at the same address. */
    restartHub: () => company.hub.restart({ settings: { threecx, listen: { port: company.hub.port } } }),
    microphone: (state: 'talking' | 'ended') => agent.fact({ source: 'microphone', state }),
    calls: () => agent.view().calls,
    /** Resolves with the snapshot of a wallboard that connects now. */
    async onWallboard() {
      const wallboard = await company.hub.connect('wallboard', await company.hub.enroll('wallboard'))
      const { calls } = (await wallboard.next('wallboard-snapshot')) as unknown as {
        calls: { phase: string }[]
      }
      return calls
    },
    async diagnosis() {
      const { checks } = await company.ask('diagnose', {})
      return checks.find(({ check }) => check === 'call-sources')
    },
    async [Symbol.asyncDispose]() {
      page.close()
      await company[Symbol.asyncDispose]()
      await pbx[Symbol.asyncDispose]()
    },
  }
}

/** Opens the technician's page as a socket that receives the desk's snapshots. */
async function aPage(link: string) {
  const { origin } = new URL(link)
  const signedIn = await fetch(link, { redirect: 'manual' })
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/desk`, { headers: { cookie, origin } })
  let desk: DeskSnapshot | undefined
  const checks = new Set<() => void>()
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as { kind?: string; desk?: DeskSnapshot }
    if (message.kind === 'snapshot') desk = message.desk
    for (const check of checks) check()
  })
  await once(socket, 'open')
  return {
    until: (holds: (desk: DeskSnapshot) => boolean) =>
      new Promise<DeskSnapshot>((resolve) => {
        const check = () => {
          if (!desk || !holds(desk)) return
          checks.delete(check)
          resolve(desk)
        }
        checks.add(check)
        check()
      }),
    close: () => socket.terminate(),
  }
}

// The tests run concurrently: each mostly waits for an agent's timers on the real clock.
it.concurrent(
  '[C6] a call that the PBX reports is on the technician’s desk while it rings, and becomes one call with the fact of the microphone',
  async () => {
    await using site = await aCompanyWithPbx()
    site.pbx.put(inbound({ id: 7, dn: '201', ...CALLER }))
    const ringing = await site.page.until(({ calls }) => calls.length > 0)
    expect(ringing.calls).toEqual([
      expect.objectContaining({ phase: 'ringing', number: '+33240112233', name: 'Thomas Girard', direction: 'inbound' }), // prettier-ignore
    ])
    expect((await site.company.hub.logged('call.fact')).fields).toMatchObject({
      extension: '201',
      state: 'ringing',
    })

    site.microphone('talking')
    site.pbx.put(inbound({ id: 7, dn: '201', ...CALLER, status: 'Connected' }))
    const talking = await site.page.until(({ calls }) => calls.some(({ recording }) => recording.at === 'on'))
    expect(talking.calls.map(({ callId }) => callId)).toEqual(ringing.calls.map(({ callId }) => callId))

    site.pbx.take('201', 7)
    const over = await site.page.until(
      ({ calls, drafts }) => calls[0]?.phase === 'wrap-up' && drafts.length > 0,
    )
    expect(over.calls).toHaveLength(1)
    expect(over.drafts).toHaveLength(1)
    const calls = new Set(site.company.hub.log.filter(({ event }) => event === 'call.changed').map(({ fields }) => fields.callId)) // prettier-ignore
    expect(calls.size, 'the hub has one call of it').toBe(1)
    expect(await site.onWallboard()).toHaveLength(1)
  },
)

it.concurrent(
  '[C6] a call answered at a desk telephone is shown and never recorded, and the webhook at its end creates no second call',
  async () => {
    await using site = await aCompanyWithPbx()
    expect(await site.diagnosis()).toMatchObject({ verdict: 'good', facts: { on: 'hub' } })
    site.pbx.put(inbound({ id: 8, dn: '201', ...CALLER }))
    await site.page.until(({ calls }) => calls.length > 0)
    const startedAtMs = Date.now()
    site.pbx.put(inbound({ id: 8, dn: '201', ...CALLER, status: 'Connected' }))
    const talking = await site.page.until(
      ({ calls, drafts }) => calls[0]?.phase === 'talking' && drafts.length > 0,
    )
    expect(talking.calls[0]).toMatchObject({ number: '+33240112233', recording: { at: 'elsewhere' } })
    expect(talking.alarms).toEqual([])
    const report = { agentExt: '201', number: '0240112233', callType: 'Inbound', startTime: new Date(startedAtMs).toISOString(), endUtc: new Date().toISOString() } // prettier-ignore
    const answer = await site.company.hub.ask('/webhook/3cx/call-event', {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify(report),
    })
    expect(answer.status).toBe(200)
    const over = await site.page.until(({ calls }) => calls[0]?.phase === 'wrap-up')
    expect(over.calls).toHaveLength(1)
    site.pbx.take('201', 8)
    expect(await site.onWallboard()).toHaveLength(1)
    expect(site.calls()).toHaveLength(1)
  },
)

it.concurrent(
  '[C7] a call stays the same call over a restart of the hub in mid-call, and ends once',
  async () => {
    await using site = await aCompanyWithPbx()
    site.pbx.put(inbound({ id: 9, dn: '201', ...CALLER }))
    const [ringing] = (await site.page.until(({ calls }) => calls.length > 0)).calls
    site.microphone('talking')
    site.pbx.put(inbound({ id: 9, dn: '201', ...CALLER, status: 'Connected' }))
    await site.page.until(({ calls }) => calls[0]?.recording.at === 'on')
    await site.restartHub()
    await site.page.until(({ hub }) => hub.at === 'open')
    site.pbx.take('201', 9)
    const over = await site.page.until(
      ({ calls, drafts }) => calls[0]?.phase === 'wrap-up' && drafts.length > 0,
    )
    expect(over.calls.map(({ callId }) => callId)).toEqual([ringing?.callId])
    expect(over.drafts).toHaveLength(1)
  },
)

it.concurrent(
  '[C7] a desk telephone’s call that ended while the hub was away ends on the technician’s desk when the hub is back',
  async ({ expect }) => {
    await using site = await aCompanyWithPbx()
    site.pbx.put(inbound({ id: 10, dn: '201', ...CALLER, status: 'Connected' }))
    await site.page.until(({ calls }) => calls[0]?.phase === 'talking')
    const restarted = site.restartHub()
    site.pbx.take('201', 10)
    await restarted
    const over = await site.page.until(({ calls }) => calls[0]?.phase === 'wrap-up')
    expect(over.calls).toHaveLength(1)
    await expect.poll(() => site.onWallboard()).toEqual([expect.objectContaining({ phase: 'wrap-up' })])
  },
)
