import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { hubToAgent, hubToWallboard, type CallSnapshot } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { readCallEvent } from '../../src/threecx/readCallEvent.ts'
import { readReportBody } from '../../src/threecx/reportBody.ts'
import { durationOf } from '../../src/threecx/reportTimes.ts'
import { aCall } from '../../testing/messages.ts'
import { startHub } from '../../testing/startHub.ts'

const SECRET = 'a-webhook-secret-of-thirty-two-characters'
const NOW = Date.UTC(2026, 2, 10, 10, 0, 0)

async function aHub(settings: object = {}, nowMs = Date.now()) {
  const clock = createFakeClock(nowMs)
  const hub = await startHub({ clock, settings: { threecx: { webhookSecret: SECRET }, ...settings } })
  onTestFinished(() => hub[Symbol.asyncDispose]())
  const ago = (seconds: number) => new Date(clock.nowMs() - seconds * 1_000).toISOString()
  const post = async (body: object | string | Uint8Array, type = 'application/json') => {
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    const headers = { authorization: `Bearer ${SECRET}`, 'content-type': type }
    return hub.ask('/webhook/3cx/call-event', { method: 'POST', body: text, headers })
  }
  const understood = async (body: object | string | Uint8Array, type = 'application/json') => {
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    const headers = { authorization: `Bearer ${SECRET}`, 'content-type': type }
    const answer = await hub.ask('/webhook/3cx/test', { method: 'POST', body: text, headers })
    return answer.json<{ understood: Record<string, unknown>; kind: string; remarks: string[] }>()
  }
  const history = async () =>
    (await (await hub.signInAdmin()).ask('/api/admin/3cx/webhooks')).json<{
      webhooks: { outcome: string; status: number; remarks: string[]; extension: string; number: string }[]
    }>().webhooks
  const snapshot = async () => {
    const wallboard = await hub.connect('wallboard', await hub.enroll('wallboard'))
    const message = await wallboard.next('wallboard-snapshot')
    expect(hubToWallboard.safeParse(message).success).toBe(true)
    return message as unknown as {
      calls: { extension: string; phase: string; remoteName?: string; remoteNumberMasked?: string }[]
      figures: { callsToday: number; missedToday: number; callsActive: number }
    }
  }
  return { hub, clock, ago, post, understood, history, snapshot }
}
const onTheBoard = (callId: string): CallSnapshot => aCall({ callId: callId as CallSnapshot['callId'] })

it('[A4] case 10 stores a report of the year 1 with the time of its arrival, says so, and closes no link', async () => {
  const { hub, clock, ago, post, history, snapshot } = await aHub()
  const member = await hub.enroll('agent', { extension: '201' })
  const agent = await hub.connect('agent', member)
  const call = { ...onTheBoard('01JCALL-CASE-10'), extension: '201', remoteNumber: '0677777777', startedAtMs: clock.nowMs() - 60_000, talkingSinceMs: clock.nowMs() - 55_000 } // prettier-ignore
  agent.send({ kind: 'call-report', call })
  await agent.next('call-stored')
  const end = { callType: 'Inbound', number: '0677777777', agentExt: '201', startTime: ago(60), endUtc: '0001-01-01T00:00:00Z' } // prettier-ignore
  const missed = { callType: 'Missed', direction: 'Inbound', number: '0612345678', agentExt: '330', startTime: '0001-01-01T00:00:00Z', endUtc: ago(0) } // prettier-ignore
  expect((await post(missed)).status).toBe(200)
  expect((await post(end)).json()).toMatchObject({ success: true, callId: '01JCALL-CASE-10' })
  expect((await history()).flatMap(({ remarks }) => remarks).join()).toContain('the time of arrival counts')
  const { calls } = await snapshot()
  expect(calls.map(({ extension }) => extension).sort()).toEqual(['201', '330'])
  await hub.restart()
  const back = await hub.connect('agent', member)
  await back.next('agent-settings')
  for (const message of [...agent.received, ...back.received])
    if ('kind' in message && !['welcome', 'ping', 'pong'].includes(message.kind))
      expect(hubToAgent.safeParse(message).success).toBe(true)
  expect(hub.log.filter(({ event }) => /unreadable|unexpected|set-aside|failed/.test(event))).toEqual([])
})

it.each([
  '9999-12-31T23:59:59Z',
  '1601-01-01T00:00:00Z',
  '2026-02-30T99:00:00Z',
  '-62135596800000',
  '275760-09-13T00:00:00Z',
])('[A4] case 10 leaves out the time %s at both ends', (time) => {
  const event = readCallEvent({ callType: 'Inbound', agentExt: '201', startTime: time, endUtc: time }, NOW)
  expect(event).toMatchObject({ ok: true, report: { endedAtMs: NOW } })
  expect(event).not.toHaveProperty('report.startedAtMs')
})

it('[A4] case 12 reads the number in an address, and none of a withheld caller', async () => {
  const { post, snapshot, understood } = await aHub()
  const report = (number: string, agentExt: string) => ({ callType: 'Inbound', direction: 'Inbound', number, agentExt, duration: '00:01:00' }) // prettier-ignore
  for (const withheld of ['Anonymous', 'anonymous@anonymous.invalid', 'sip:anonymous@192.0.2.10', 'Anonyme'])
    expect((await understood(report(withheld, '302'))).understood).not.toHaveProperty('remoteNumber')
  const addresses = ['sip:+33240112233@192.0.2.10:5060;user=phone', '"DUPONT" <+33240112233>', 'tel:+33-2-40-11-22-33', '<sip:0240112233@pbx.example>'] // prettier-ignore
  for (const [index, address] of addresses.entries()) await post(report(address, `30${index}`))
  const { calls } = await snapshot()
  expect(new Set(calls.map(({ remoteNumberMasked }) => remoteNumberMasked))).toEqual(new Set(['+33 ••• 33']))
  expect((await understood(report('"DUPONT" <+33240112233>', '305'))).understood).toMatchObject({ remoteName: 'DUPONT' }) // prettier-ignore
})

const json = '{"callType":"Inbound","direction":"Inbound","number":"0240112233","name":"Société Générale Évry","agentExt":"309","duration":"60"}' // prettier-ignore
const utf16be = Buffer.from(json, 'utf16le').swap16()
it.each<[string, Uint8Array, string]>([
  ['case 13: Latin-1, declared', Buffer.from(json, 'latin1'), 'application/json; charset=iso-8859-1'],
  ['case 13: Latin-1, undeclared', Buffer.from(json, 'latin1'), 'application/json'],
  ['Latin-1 that is declared UTF-8', Buffer.from(json, 'latin1'), 'application/json; charset="UTF-8"'],
  ['UTF-8 with an unknown character set', Buffer.from(json), 'application/json; charset=klingon'],
  ['UTF-8 that is declared UTF-16', Buffer.from(json), 'application/json; charset=utf-16'],
  ['a mark of UTF-8', Buffer.from(`\uFEFF${json}`), 'application/json'],
  ['case 14: UTF-16 with a mark', Buffer.from(`\uFEFF${json}`, 'utf16le'), 'application/json'],
  ['UTF-16 without a mark', Buffer.from(json, 'utf16le'), 'text/plain'],
  ['UTF-16, the great end first', utf16be, ''],
  ['case 14: JSON as plain text', Buffer.from(json), 'text/plain'],
  ['JSON as a form', Buffer.from(json), 'application/x-www-form-urlencoded'],
  ['JSON behind blank lines', Buffer.from(`\r\n\r\n ${json}`), 'application/json'],
  ['JSON in JSON', Buffer.from(JSON.stringify(json)), 'application/json'],
  ['a list of one', Buffer.from(`[${json}]`), 'application/json'],
  ['a form', Buffer.from('agentExt=309&callType=Inbound&number=0240112233&name=Soci%C3%A9t%C3%A9+G%c3%a9n%C3%A9rale+%C3%89vry'), 'application/x-www-form-urlencoded'], // prettier-ignore
  ['case 14: a form with a mark', Buffer.from('\uFEFFagentExt=309&callType=Inbound&number=0240112233&name=Soci%E9t%E9%20G%E9n%E9rale%20%C9vry'), 'application/x-www-form-urlencoded'], // prettier-ignore
  ['a form that says it is JSON', Buffer.from('agentExt=309&number=0240112233&name=Société Générale Évry', 'latin1'), 'application/json'], // prettier-ignore
])('[A4] reads the bytes and not the content type: %s', async (_, bytes, type) => {
  const event = readCallEvent(await readReportBody(bytes, type), NOW)
  expect(event).toMatchObject({ ok: true, report: { extension: '309', remoteName: 'Société Générale Évry', remoteNumber: '0240112233' } }) // prettier-ignore
})

it.each([
  [{ CallStartTimeUTC: '2026-03-10T09:55:00', CallEndTimeUTC: '2026-03-10T09:59:00' }],
  [{ call_start_time_utc: '2026-03-10 09:55:00', end_utc: '2026-03-10 09:59:00' }],
  [{ startTimeUtc: '2026-03-10T09:55:00.0000000', endTimeUtc: '2026-03-10T09:59:00.0000000' }],
  [{ startTime: '2026-03-10T09:55:00', endUtc: '2026-03-10T09:59:00' }],
  [{ startTime: '2026-03-10T10:55:00+01:00', endUtc: '2026-03-10T10:59:00+0100' }],
  [{ start_utc: '10.03.2026 09:55:00', end_utc: '10.03.2026 09:59:00' }],
  [{ startUtc: '3/10/2026 9:55:00\u202fAM', endUtc: '3/10/2026 9:59:00 AM' }],
  [{ startTime: '1773136500', endUtc: '1773136740000' }],
  [{ startUtc: '639087333000000000', endUtc: '639087335400000000' }],
])('[A4] case 15 reads UTC without a zone as UTC: %o', (times) => {
  vitestZone('Europe/Paris')
  const event = readCallEvent({ callType: 'Inbound', agentExt: '201', number: '0611111118', ...times }, NOW)
  expect(event).toMatchObject({
    report: { startedAtMs: NOW - 5 * 60_000, endedAtMs: NOW - 60_000 },
    remarks: [],
  })
})

it.each([
  '62',
  '62,4',
  '62.4',
  '00:01:02',
  '00:01:02.345',
  '00:01:02.3450000',
  '0.00:01:02',
  '1:02.5',
  'PT1M2S',
  'PT62S',
  'PT1M2.5S',
  '620000000',
  '623450000',
])(
  // prettier-ignore
  '[A4] case 16 reads the duration %s as 62 s',
  (duration) => {
    expect(durationOf(duration)).toBe(62_000)
    const event = readCallEvent({ callType: 'Inbound', agentExt: '201', duration }, NOW)
    expect(event).toMatchObject({ report: { startedAtMs: NOW - 62_000, endedAtMs: NOW } })
  },
)

it('[A4] case 17 counts a queue that rings several telephones as one call, none missed, in any order', async () => {
  for (const order of [
    [0, 1, 2, 3],
    [3, 1, 0, 2],
    [1, 2, 3, 0],
  ]) {
    // prettier-ignore
    const { ago, post, clock, snapshot } = await aHub()
    const number = '0655555555'
    const missed = (agentExt: string, start: number) => ({ callType: 'Missed', direction: 'Inbound', number, agentExt, startTime: ago(start), endUtc: ago(start - 10) }) // prettier-ignore
    const reports = [{ callType: 'Inbound', direction: 'Inbound', number: '+33655555555', agentExt: '501', startTime: ago(60), endUtc: ago(0) }, missed('502', 60), missed('503', 55), missed('504', 40)] // prettier-ignore
    for (const index of order) expect((await post(reports[index] ?? {})).status).toBe(200)
    await clock.advance(1_000)
    expect((await snapshot()).figures).toMatchObject({ callsToday: 1, missedToday: 0 })
  }
})

it('[A4] case 17 keeps two answered calls of one company, and the call of a minute later, apart', async () => {
  const { ago, post, snapshot } = await aHub()
  const report = (agentExt: string, start: number, callType: string) => ({ callType, direction: 'Inbound', number: '0655555555', agentExt, startTime: ago(start), endUtc: ago(start - 20) }) // prettier-ignore
  await post(report('501', 300, 'Inbound'))
  await post(report('502', 295, 'Inbound'))
  await post(report('503', 200, 'Missed'))
  await post({ ...report('504', 200, 'Missed'), number: '0655555556' })
  expect((await snapshot()).figures).toMatchObject({ callsToday: 4, missedToday: 2 })
})

it('[A4] case 18 shows a caller who hung up in the queue as a missed call of the queue', async () => {
  const { ago, post, snapshot } = await aHub()
  const report = { callType: 'Missed', direction: 'Inbound', number: '0655555557', agentExt: '', queue: '800', startTime: ago(60), endUtc: ago(0) } // prettier-ignore
  expect((await post(report)).status).toBe(200)
  const { calls, figures } = await snapshot()
  expect(calls).toMatchObject([{ extension: '800', phase: 'missed' }])
  expect(figures).toMatchObject({ callsToday: 1, missedToday: 1 })
})

it.each([
  { status: 'Established', callId: 'X-1', caller: '0240112233', callee: '201', duration: '', endUtc: '[CallEndTimeUTC]' }, // prettier-ignore
  { status: 'established', direction: 'Inbound', number: '0240112233', duration: '00:00:00', endUtc: '0001-01-01T00:00:00Z' }, // prettier-ignore
  {
    callType: 'Inbound',
    status: 'Established',
    number: '0240112233',
    endUtc: '[[CallEndTimeUTC].ToString()]',
  },
  { direction: 'Inbound', number: '0240112233' },
])('[A4] takes a start for a live fact that ends no recording and no call: %o', async (report) => {
  const { hub, clock, ago, post, snapshot } = await aHub()
  const agent = await hub.connect('agent', await hub.enroll('agent', { extension: '201' }))
  const { remoteNumber: _, ...call } = { ...onTheBoard('01JCALL-LIVE-01'), extension: '201', startedAtMs: clock.nowMs() - 2_000, talkingSinceMs: clock.nowMs() - 2_000 } // prettier-ignore
  agent.send({ kind: 'call-report', call })
  await agent.next('call-stored')
  const first = await agent.next('call-identified')
  expect(first).toMatchObject({ call: { phase: 'talking' } })
  const answer = await post({ ...report, agentExt: '201', startTime: ago(3) })
  expect(answer.json()).toMatchObject({ success: true, hubCallId: '01JCALL-LIVE-01', status: 'talking' })
  expect(await agent.next('call-identified')).toMatchObject({ call: { phase: 'talking', remoteNumber: '0240112233' } }) // prettier-ignore
  await clock.advance(2_000)
  agent.send({ kind: 'ping', n: 1 })
  await agent.next('pong')
  expect(agent.received.filter((one) => 'kind' in one && one.kind === 'call-fact')).toEqual([])
  // At an extension without an agent it is a call that goes on, and its end is reported later.
  const other = { ...report, agentExt: '777', number: '0240112299', startTime: ago(5) }
  expect((await post(other)).json()).toMatchObject({ status: 'talking' })
  expect((await snapshot()).figures.callsActive).toBe(2)
  const end = {
    callType: 'Inbound',
    number: '0240112299',
    agentExt: '777',
    startTime: ago(5),
    endUtc: ago(0),
  }
  expect((await post(end)).json()).toMatchObject({ status: 'done' })
  expect((await snapshot()).figures).toMatchObject({ callsToday: 2, callsActive: 1 })
})

it('[A4] reads the names of real templates in any case, and aliases as one', () => {
  const shapes = [
    { call_type: 'Inbound', direction: 'Inbound', number: '0041310000000', name: 'Muster AG', agent: '201', agent_email: 'anna@example.ch', duration: '00:04:32', start_utc: '2026-03-10T09:50:00Z', established_utc: '', end_utc: '2026-03-10T09:54:32Z', queue: '800', entity_id: '' }, // prettier-ignore
    { Number: '0041310000000', Agent: '201', AgentFirstName: 'Anna', Name: 'Muster AG', CallType: 'Inbound', CallDirection: 'Inbound', Duration: '00:04:32', CallStartTimeUTC: '2026-03-10T09:50:00Z', CallEndTimeUTC: '2026-03-10T09:54:32Z', EntityId: '' }, // prettier-ignore
    { calltype: 'inbound', NUMBER: '0041310000000', name: 'Muster AG', agentExtension: '201', agentEmail: 'anna@example.ch', durationSeconds: '272', startTimeUtc: '2026-03-10T09:50:00Z', endTimeUtc: '2026-03-10T09:54:32Z', recordingUrl: '' }, // prettier-ignore
    { callId: '77', caller: '0041310000000', callee: '201', callerName: 'Muster AG', agentEXT: '201', AgentMail: 'anna@example.ch', direction: 'Inbound', duration: '00:04:32', wav: '[RecordingURL]', endUtc: '2026-03-10T09:54:32Z', startTime: '2026-03-10T09:50:00Z', status: 'Released' }, // prettier-ignore
  ]
  for (const shape of shapes)
    expect(readCallEvent(shape, NOW)).toMatchObject({
      ok: true,
      kind: 'ended',
      report: { extension: '201', direction: 'inbound', missed: false, remoteNumber: '0041310000000', remoteName: 'Muster AG', startedAtMs: NOW - 600_000, endedAtMs: NOW - 328_000 }, // prettier-ignore
    })
})

it('[A4] takes a value in brackets for a missing one, and names it in the log once a day with the remedy', async () => {
  const { hub, clock, post } = await aHub()
  const report = { callType: 'Inbound', agentExt: '201', number: '[CallerNumber]', name: '[Name]', duration: '[[Duration].ToString()]' } // prettier-ignore
  for (let times = 0; times < 3; times++) expect((await post(report)).status).toBe(200)
  const lines = () => hub.log.filter(({ event }) => event === 'webhook.unfilled')
  expect(lines()).toMatchObject([{ fields: { names: ['number', 'name', 'duration'] } }])
  expect(lines()[0]?.fields['remedy']).toContain('CRM template of this hub')
  await clock.advance(24 * 3_600_000)
  await post(report)
  expect(lines()).toHaveLength(2)
})

it('[A4] repeats the sender’s id, joins by it at the same extension, and ignores one that came with two calls', async () => {
  const { ago, post, history } = await aHub()
  const base = { direction: 'Inbound', agentExt: '201' }
  const started = (await post({ ...base, status: 'Established', callId: 'pbx-1', number: '0240112233', startTime: ago(200) })).json() // prettier-ignore
  expect(started).toMatchObject({ callId: 'pbx-1', status: 'talking' })
  // Its end names neither number nor the same start: the id joins it.
  const end = { ...base, callType: 'Inbound', callId: 'pbx-1', startTime: ago(130), endUtc: ago(10) }
  expect((await post(end)).json()).toMatchObject({ callId: 'pbx-1', hubCallId: started['hubCallId'], status: 'done' }) // prettier-ignore
  // The same id at another extension is another telephone.
  const elsewhere = (await post({ ...end, agentExt: '202', number: '0240119999' })).json()
  expect(elsewhere['hubCallId']).not.toBe(started['hubCallId'])
  // A counter that began again: another caller under the same id.
  const other = (await post({ ...end, number: '0699999999' })).json()
  expect(other['hubCallId']).not.toBe(started['hubCallId'])
  const [newest] = await history()
  expect(newest?.remarks.join()).toContain("'pbx-1' came with two different calls")
})

it('[A4] leaves one line in the log and one in the history for each refusal', async () => {
  const { hub, post, history } = await aHub()
  expect((await post({ callType: 'Missed', number: '0655555557' })).status).toBe(400)
  expect((await post('{"agentExt":')).status).toBe(400)
  expect((await post(new Uint8Array([0xff, 0xfe, 0, 0xd8]))).status).toBe(400)
  expect((await hub.ask('/webhook/3cx/call-event', { body: '{}' })).status).toBe(401)
  expect(hub.log.filter(({ event }) => event === 'webhook.refused')).toHaveLength(4)
  expect((await history()).map(({ outcome, status }) => [outcome, status])).toEqual([
    ['refused', 401],
    ['refused', 400],
    ['refused', 400],
    ['refused', 400],
  ])
})

it('[A4] border: whatever bytes and dates arrive, no link closes and every stored call is readable', async () => {
  const { hub, post, snapshot } = await aHub()
  const member = await hub.enroll('agent', { extension: '201' })
  const agent = await hub.connect('agent', member)
  const wallboard = await hub.connect('wallboard', await hub.enroll('wallboard'))
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59', '[Name]', '', '201', 'Missed', 'Established', 'PT9999999999S', '1e309', '\ud800'), // prettier-ignore
    fc.double(),
    fc.integer(),
    fc.bigInt().map(String),
    fc.jsonValue(),
  )
  const name = fc.constantFrom('callType', 'status', 'direction', 'number', 'caller', 'name', 'agentExt', 'queue', 'startTime', 'endUtc', 'duration', 'callId', 'CallStartTimeUTC', 'wav') // prettier-ignore
  const body = fc.oneof(
    fc.dictionary(name, value).map((fields) => Buffer.from(JSON.stringify({ agentExt: '201', ...fields }))),
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc.dictionary(name, fc.string()).map((fields) => Buffer.from(new URLSearchParams(fields).toString())),
  )
  const type = fc.constantFrom('application/json', 'text/plain; charset=utf-16', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'multipart/form-data') // prettier-ignore
  await fc.assert(
    fc.asyncProperty(body, type, async (bytes, contentType) => {
      const { status } = await post(bytes, contentType)
      expect([200, 400]).toContain(status)
    }),
    { numRuns: 200 },
  )
  agent.send({ kind: 'ping', n: 7 })
  await agent.next('pong')
  wallboard.send({ kind: 'ping', n: 7 })
  await wallboard.next('pong')
  await snapshot()
  await hub.restart()
  expect(hub.log.filter(({ event }) => /unreadable|set-aside|unexpected|http.failed/.test(event))).toEqual([])
  await snapshot()
}, 60_000)

/** The hub's own zone, for this test. */
function vitestZone(zone: string): void {
  const before = process.env['TZ']
  process.env['TZ'] = zone
  onTestFinished(() => {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  })
}
