import { expect, it } from 'vitest'
import { hubToWallboard, type BoardCall, type Draft } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createWallboardKeys } from '../../src/wallboard/wallboardKeys.ts'
import { createWallboardFeed, type WallboardFeedNeeds } from '../../src/wallboard/wallboardFeed.ts'
import { shownCall, type ShownNames } from '../../src/wallboard/wallboardPrivacy.ts'
import { AGENT, aCall, aLine, CALL } from '../../testing/ticketBuilders.ts'

const NOON = new Date(2026, 0, 5, 12, 0, 0).getTime()
const NUMBER = '0240112233'
const WRITINGS = [
  '+33240112233',
  '0240112233',
  '+33 2 40 11 22 33',
  '02.40.11.22.33',
  '0033 (0)2 40-11-22-33',
]
/** Matches the full number in any of the writings, in digits alone. */
const WHOLE = /240112233/

const keyOf = createWallboardKeys(Buffer.from('the secret of a run'))
function aFeed(names: ShownNames = 'full', change: Partial<WallboardFeedNeeds> = {}) {
  const sent: string[] = []
  const broken: string[] = []
  const feed = createWallboardFeed({
    clock: createFakeClock(NOON),
    publish: (text) => void sent.push(text),
    privacy: { country: 'FR', names, keyOf },
    onBroken: (kind) => void broken.push(kind),
    recent: () => [],
    slots: () => ({ total: 4, used: 1 }),
    draftsWaiting: () => 0,
    calls: [],
    tickets: [],
    ...change,
  })
  return { feed, sent, broken, last: () => hubToWallboard.parse(JSON.parse(sent.at(-1) ?? '')) }
}
const ringing = (change: Partial<BoardCall> = {}): BoardCall =>
  aCall({ phase: 'ringing', startedAtMs: NOON - 5_000, remoteNumber: NUMBER, ...change })
const shown = (change: Partial<BoardCall>, names: ShownNames = 'full') =>
  shownCall(ringing(change), { country: 'FR', names, keyOf })
const digitsOf = (text: string) => text.replaceAll(/[^\d"]/g, '')

it.each(WRITINGS)('[T2] shows %s as a masked number where a telephone gives it as the name', (remoteName) => {
  const { feed, sent } = aFeed()
  feed.call(ringing({ remoteName }))
  expect(JSON.parse(sent[0] ?? '')).toMatchObject({
    call: { remoteName: '+33 ••• 33', remoteNumberMasked: '+33 ••• 33' },
  })
  expect(digitsOf(sent.join(''))).not.toMatch(WHOLE)
  expect(digitsOf(JSON.stringify(feed.snapshot()))).not.toMatch(WHOLE)
})

it('[T2] masks a number in each field of each message, and leaves the words beside it', () => {
  const spoken = { ...aLine('caller', 'Rappelez-moi au 02 40 11 22 33, merci.') }
  const { feed, sent } = aFeed('full', { recent: () => [spoken] })
  const caller = {
    match: 'one',
    contactName: `Thomas Girard ${NUMBER}`,
    organizationName: `Lambert (${NUMBER})`,
  } as const
  const call = ringing({ remoteName: `GIRARD ${NUMBER}`, agentName: `Camille ${NUMBER}`, caller })
  feed.presence(AGENT, `Camille ${NUMBER}`, '201', true)
  feed.call(call)
  feed.utterance(CALL, spoken)
  const filed = {
    draftId: 'draft-000001',
    callId: CALL,
    state: { at: 'filed', ticketId: '512', filedAtMs: NOON },
    fields: { title: `Rappeler au ${NUMBER}`, priority: 'HIGH', organizationName: `Lambert ${NUMBER}` },
  } as unknown as Draft // the feed reads these fields only
  feed.draft(filed, call)
  const snapshot = feed.snapshot()
  expect(digitsOf(sent.join('') + JSON.stringify(snapshot))).not.toMatch(WHOLE)
  expect(snapshot).toMatchObject({
    agents: [{ name: 'Camille +33 ••• 33' }],
    tickets: [{ title: 'Rappeler au +33 ••• 33', organizationName: 'Lambert +33 ••• 33' }],
    calls: [
      {
        agentName: 'Camille +33 ••• 33',
        remoteName: 'GIRARD +33 ••• 33',
        caller: { contactName: 'Thomas Girard +33 ••• 33', organizationName: 'Lambert (+33 ••• 33)' },
        utterances: [{ text: 'Rappelez-moi au +33 ••• 33, merci.' }],
      },
    ],
  })
})

it('[T2] shows a masked number and no name of a withheld caller, an address or another country', () => {
  expect(shown({ remoteNumber: 'Anonymous' })).not.toHaveProperty('remoteNumberMasked')
  expect(shown({ remoteNumber: 'sip:+33240112233@192.0.2.10:5060;user=phone' }).remoteNumberMasked).toBe('+33 ••• 33') // prettier-ignore
  expect(shown({ remoteNumber: '+32 2 512 34 56' }).remoteNumberMasked).toBe('+32 ••• 56')
  expect(shown({ remoteNumber: '201' }).remoteNumberMasked).toBe('201')
})

it('[T2] sends the fields of its schema and no others', () => {
  const { feed, sent } = aFeed()
  const call: BoardCall = {
    ...ringing(),
    conversation: '2001',
    pbxEndedAtMs: NOON,
    presumedOverAtMs: NOON,
    caller: { match: 'one', contactName: 'Thomas Girard', contactId: '77', organizationId: '12' },
  }
  feed.call(call)
  const allowed = hubToWallboard.parse(JSON.parse(sent[0] ?? ''))
  expect(JSON.parse(sent[0] ?? '')).toEqual(allowed)
  const all = sent.join('') + JSON.stringify(feed.snapshot())
  for (const field of [
    'conversation',
    'pbxEndedAtMs',
    'presumedOverAtMs',
    'agentId',
    'revision',
    'recordingId',
    CALL,
    'remoteNumber"',
    'contactId',
    'organizationId',
  ])
    // prettier-ignore
    expect(all).not.toContain(field)
})

it('[T6] gives keys of its own in place of the ids of calls, recordings and utterances, the same in each message', () => {
  const said = aLine('caller', 'Bonjour.')
  const { feed, sent } = aFeed('full', { recent: () => [said] })
  const filed = {
    draftId: 'draft-000001',
    callId: CALL,
    state: { at: 'filed', ticketId: '512', filedAtMs: NOON },
    fields: { title: 'Imprimante', priority: 'HIGH' },
  } as unknown as Draft // prettier-ignore -- the feed reads these fields only
  feed.call(ringing({ recordingId: said.recordingId }))
  feed.utterance(CALL, said)
  feed.draft(filed, ringing())
  const snapshot = feed.snapshot()
  const all = sent.join('') + JSON.stringify(snapshot)
  for (const id of [CALL, said.recordingId, said.utteranceId]) expect(all).not.toContain(id)
  const key = keyOf(CALL)
  expect(sent.map((text) => JSON.parse(text) as unknown)).toEqual([
    expect.objectContaining({ call: expect.objectContaining({ callId: key }) as unknown }),
    expect.objectContaining({ kind: 'wallboard-utterance', callId: key }),
    expect.objectContaining({ ticket: expect.objectContaining({ callId: key }) as unknown }),
  ])
  expect(snapshot).toMatchObject({
    calls: [{ callId: key, utterances: [{ track: keyOf(said.recordingId) }] }],
    tickets: [{ callId: key }],
  })
  // Another run of the hub has another secret: what was on a screen then is nothing now.
  expect(createWallboardKeys(Buffer.from('another run'))(CALL)).not.toBe(key)
})

it.each([
  ['full', 'Thomas Girard', 'Thomas Girard'],
  ['first', 'Thomas Girard', 'Thomas'],
  ['first', 'GIRARD Thomas', 'Thomas'],
  ['first', 'Girard, Thomas', 'Thomas'],
  ['first', 'GIRARD', 'GIRARD'],
  ['first', 'Thomas Girard 02 40 11 22 33', 'Thomas'],
  ['first', '+33 2 40 11 22 33', '+33 ••• 33'],
  ['hidden', 'Thomas Girard', undefined],
  ['hidden', '+33 2 40 11 22 33', undefined],
] as const)('[T2] with wallboard.names %s, %s shows as %s', (names, name, as) => {
  const caller = { match: 'one', contactName: name, organizationName: 'Menuiserie Lambert' } as const
  const call = shown({ remoteName: name, caller }, names)
  expect([call.remoteName, call.caller?.contactName]).toEqual([as, as])
  expect(call.caller?.organizationName).toBe('Menuiserie Lambert') // a company is nobody's name
  expect(call.remoteNumberMasked).toBe('+33 ••• 33')
})

it('names technicians in full whatever the setting hides of callers', () => {
  const { feed } = aFeed('hidden')
  feed.presence(AGENT, 'Camille Petit', '201', true)
  feed.call(ringing({ agentName: 'Camille Petit' }))
  const { calls, agents } = feed.snapshot()
  expect([calls[0]?.agentName, agents[0]?.name]).toEqual(['Camille Petit', 'Camille Petit'])
})

it('keeps a title within its limit when a masked number is longer than the number', () => {
  const { feed, broken, last } = aFeed()
  const title = `${'a'.repeat(189)} 240112233 `.slice(0, 200)
  const filed = {
    draftId: 'draft-000001',
    callId: CALL,
    state: { at: 'filed', ticketId: '512', filedAtMs: NOON },
    fields: { title, priority: 'HIGH' },
  } as unknown as Draft // prettier-ignore -- the feed reads these fields only
  feed.draft(filed, ringing())
  expect(broken).toEqual([])
  expect(last()).toMatchObject({ kind: 'wallboard-ticket' })
})

it('publishes no message that breaks its schema, since it would close every wallboard', () => {
  const { feed, broken, sent } = aFeed()
  feed.presence(AGENT, 'Camille', 'x'.repeat(33), true)
  expect({ broken, sent }).toEqual({ broken: ['wallboard-agent'], sent: [] })
})

it('[T2] [9.8] shows no personal data of an utterance, and no secret that a technician wrote into a title', () => {
  const spoken = aLine('caller', 'Né le 12 mars 1985, au zéro six douze trente-quatre cinquante-six soixante-dix-huit.') // prettier-ignore
  const { feed, sent, last } = aFeed('full', { recent: () => [spoken] })
  feed.call(ringing())
  feed.utterance(CALL, spoken)
  expect(last()).toMatchObject({ utterance: { text: 'Né le •••, au +33 ••• 78.' } })
  const filed = {
    draftId: 'draft-000001',
    callId: CALL,
    state: { at: 'filed', ticketId: '512', filedAtMs: NOON },
    fields: { title: 'Écrire à a.b@example.fr, mot de passe Soleil2024', priority: 'HIGH' },
  } as unknown as Draft // the feed reads these fields only
  feed.draft(filed, ringing())
  expect(last()).toMatchObject({ ticket: { title: 'Écrire à •••, mot de passe •••' } })
  expect(sent.join('')).not.toMatch(/1985|Soleil2024|a\.b@/)
})

it('[T2] [9.8] shows the first half of a number masked once the second half completes it', () => {
  const first = aLine('caller', 'zéro six douze')
  const second = aLine('caller', 'trente-quatre cinquante-six soixante-dix-huit')
  const { feed, sent } = aFeed('full', { recent: () => [first, second] })
  feed.call(ringing())
  feed.utterance(CALL, second)
  const texts = sent.map((text) => hubToWallboard.parse(JSON.parse(text))).flatMap((one) => (one.kind === 'wallboard-utterance' ? [one.utterance.text] : [])) // prettier-ignore
  expect(texts).toEqual(['•••', '+33 ••• 78'])
})
