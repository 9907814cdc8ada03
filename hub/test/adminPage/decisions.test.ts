import { expect, it } from 'vitest'
import { attention, firstSteps } from '../../admin/src/sections/attention.ts'
import { faultText, valuesBefore } from '../../admin/src/sections/settings.ts'
import { allowed } from '../../admin/src/sections/settingField.ts'
import { nest, settingGroups } from '../../admin/src/sections/settingGroups.ts'
import { matches } from '../../admin/src/sections/settingSearch.ts'
import { readNumber } from '../../admin/src/sections/settingInput.ts'
import { asking } from '../../admin/src/shell/navBadges.ts'
import { createTexts } from '../../admin/src/texts/texts.ts'
import type { Overview, SettingView } from '../../src/http/admin/messages.ts'

const texts = createTexts('en')
const anOverview = (change: Partial<Overview> = {}): Overview => ({
  hubName: 'Hub',
  version: '1',
  upMs: 1,
  parts: [],
  connected: { agent: 0, worker: 0, wallboard: 0 },
  clients: { agent: 0, worker: 0, wallboard: 0 },
  slots: { total: 0, taken: 0, waiting: 2 },
  callsNow: 0,
  draftsWaiting: 0,
  writes: { waiting: 0, blocked: 0 },
  disk: { freeBytes: 5e8, recordingBytes: 0, recordings: 0 },
  helpdesk: { kind: 'ninjaone', name: 'NinjaOne', state: 'signed-in' },
  sharedTokens: [],
  consentConfirmed: false,
  restartPending: [],
  ...change,
})
const aField = (change: Partial<SettingView> = {}): SettingView => ({
  key: 'tickets.undoSeconds',
  shape: { kind: 'number', min: 0, max: 60 },
  optional: false,
  secret: false,
  description: '',
  defaultValue: 5,
  value: 5,
  source: 'default',
  variable: null,
  restartPending: false,
  ...change,
})

it('says each known cause in the reader’s words with where to go, and an unknown one in the hub’s', () => {
  const parts: Overview['parts'] = [
    { name: 'disk', state: 'degraded', reason: '500 MB free', remedy: 'Free space' },
    { name: 'helpdesk', state: 'degraded', reason: 'x', remedy: 'y' },
    { name: 'certificate', state: 'failed', reason: 'It has expired.', remedy: 'Renew it.' },
    { name: 'workers', state: 'ok' },
    { name: 'brand-new', state: 'degraded', reason: 'Something else.', remedy: 'Do this.' },
  ]
  const shown = attention(texts, anOverview({ parts, writes: { waiting: 3, blocked: 2 } }))
  expect(shown.map(({ title, text, remedy, href }) => [title, text, remedy, href])).toEqual([
    ['Disk', '500 MB are left: a morning of calls may fill the disk.', 'Free space, or keep recordings for a shorter time.', '#settings/retention.audioDays'],
    ['Helpdesk', 'Tickets or comments that wait for a person: 2.', 'The outbox tells why, one by one.', '#helpdesk'],
    ['Certificate', 'It has expired.', 'Renew it.', undefined],
    ['brand-new', 'Something else.', 'Do this.', undefined],
  ]) // prettier-ignore
  expect(
    attention(
      texts,
      anOverview({ parts, helpdesk: { kind: 'ninjaone', name: 'NinjaOne', state: 'signed-out' } }),
    )[1]!.text,
  ).toContain('Nobody is signed in to NinjaOne')
})

it('counts a rule that waits for the restart as confirmed, and a member that is away as enrolled', () => {
  const done = (change: Partial<Overview>) => firstSteps(texts, anOverview(change)).map((step) => step.done)
  expect(done({ helpdesk: { kind: 'ninjaone', name: 'NinjaOne', state: 'not-configured' } })).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(done({ restartPending: ['recording.consent.confirmed'] })[0]).toBe(true)
  expect(done({ consentConfirmed: true, clients: { agent: 1, worker: 1, wallboard: 0 } })).toEqual([
    true,
    true,
    true,
    true,
  ])
})

it('puts consent first with its confirmation last, groups it does not know last, and asks for no group twice', () => {
  const keys = ['hub.name', 'future.thing', 'language', 'recording.consent.confirmed', 'recording.consent.text', 'vocabulary', 'tickets.undoSeconds'] // prettier-ignore
  const groups = settingGroups(keys.map((key) => aField({ key })))
  expect(groups.map(({ name }) => name)).toEqual(['recording.consent', 'tickets', 'calls', 'hub', 'future'])
  expect(groups[0]!.fields.map(({ key }) => key)).toEqual([
    'recording.consent.text',
    'recording.consent.confirmed',
  ])
})

it('knows what undoes a save: the file’s value or none, and nothing at all where a secret was among it', () => {
  const fields = [
    aField({ source: 'file', value: 3 }),
    aField({ key: 'hub.name', value: 'Hub', source: 'default' }),
    aField({ key: 'ninjaone.clientSecret', secret: true, value: null }),
  ]
  const changed = (...keys: string[]) => new Map(keys.map((key) => [key, 1]))
  expect(valuesBefore(fields, changed('tickets.undoSeconds', 'hub.name'))).toEqual(
    new Map<string, unknown>([
      ['tickets.undoSeconds', 3],
      ['hub.name', null],
    ]),
  )
  expect(valuesBefore(fields, changed('hub.name', 'ninjaone.clientSecret'))).toBeUndefined()
})

it('finds a setting by all words of the question, whatever their accents, case and order', () => {
  expect(matches('DUREE  gardee', 'Durée gardée en jours')).toBe(true)
  expect(matches('jours duree', 'Durée gardée en jours')).toBe(true)
  expect(matches('jours heures', 'Durée gardée en jours')).toBe(false)
  expect(matches("d'ecoute", 'Adresse d’écoute')).toBe(true)
  expect(matches('', 'anything')).toBe(true)
})

it('counts beside a section what asks for a person there', () => {
  const parts: Overview['parts'] = [
    { name: 'disk', state: 'degraded' },
    { name: 'workers', state: 'ok' },
    { name: 'helpdesk', state: 'failed' },
  ]
  expect(asking(anOverview({ parts, writes: { waiting: 9, blocked: 2 } }))).toEqual({
    overview: 2,
    outbox: 2,
  })
})

it('sends changes in the shape of the file', () => {
  const changes = new Map<string, unknown>([['tickets.undoSeconds', 3], ['tickets.settleSeconds', null], ['language', 'en'], ['recording.consent.text', '']]) // prettier-ignore
  expect(nest(changes)).toEqual({
    tickets: { undoSeconds: 3, settleSeconds: null },
    language: 'en',
    recording: { consent: { text: '' } },
  })
})

it.each([
  ['12', 12],
  [' 3 600 ', 3_600],
  ['3\u202F600', 3_600],
  ['1,5', 1.5],
  ['-4', -4],
  ['', null],
  ['soon', 'soon'],
  ['1e3', '1e3'],
])('reads the number %j as %j, and leaves the rest for the hub to refuse', (text, value) => {
  expect(readNumber(text)).toEqual(value)
})

it('says what is allowed and what is wrong with the limits of the field', () => {
  expect(allowed(aField(), texts)).toBe('From 0 to 60. Default: 5.')
  expect(allowed(aField({ shape: { kind: 'flag' }, defaultValue: false }), texts)).toBe('Default: no.')
  expect(allowed(aField({ shape: { kind: 'list', maxItems: 9 }, defaultValue: [] }), texts)).toBe(
    'One on each line.',
  )
  expect(allowed(aField({ secret: true }), texts)).toBe('')
  const fault = { code: 'too_big', message: 'Too big' }
  expect(faultText(texts, fault, aField())).toBe('A whole number from 0 to 60 is needed.')
  expect(faultText(texts, fault, aField({ shape: { kind: 'text', maxLength: 5 } }))).toBe('Too long.')
  expect(faultText(texts, { code: 'new-one', message: 'Hm' }, undefined)).toBe('Refused by the hub: Hm.')
})

it('[L8] names every machine that shares one enrollment, and where to make a key for it', () => {
  const parts: Overview['parts'] = [{ name: 'enrollments', state: 'degraded', reason: 'x', remedy: 'y' }]
  const sharedTokens = [{ name: 'Camille', locations: ['PC-1 (10.0.0.1)', 'PC-2 (10.0.0.2)'] }]
  expect(attention(texts, anOverview({ parts, sharedTokens }))).toMatchObject([
    {
      text: 'One enrollment serves several machines, which cut each other off: Camille, PC-1 (10.0.0.1) / PC-2 (10.0.0.2).',
      remedy: expect.stringContaining('a key of its own'),
      href: '#keys',
    },
  ])
})
