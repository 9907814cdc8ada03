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

it('explains each known cause in the page’s words with its place, and an unknown one in the hub’s words', () => {
  const parts: Overview['parts'] = [
    { name: 'disk', state: 'degraded', reason: '500 MB free', remedy: 'Free space' },
    { name: 'helpdesk', state: 'degraded', reason: 'x', remedy: 'y' },
    { name: 'certificate', state: 'failed', reason: 'It has expired.', remedy: 'Renew it.' },
    { name: 'workers', state: 'ok' },
    { name: 'brand-new', state: 'degraded', reason: 'Something else.', remedy: 'Do this.' },
  ]
  const shown = attention(texts, anOverview({ parts, writes: { waiting: 3, blocked: 2 } }))
  expect(shown.map(({ title, text, remedy, href }) => [title, text, remedy, href])).toEqual([
    ['Disk', '500 MB left: a morning of calls may fill the disk.', 'Free up disk space or shorten the retention of recordings.', '#settings/retention.audioDays'],
    ['Helpdesk', 'Tickets or comments that need your attention: 2.', 'The outbox shows the reason for each one.', '#helpdesk'],
    ['Certificate', 'It has expired.', 'Renew it.', undefined],
    ['brand-new', 'Something else.', 'Do this.', undefined],
  ]) // prettier-ignore
  expect(
    attention(
      texts,
      anOverview({ parts, helpdesk: { kind: 'ninjaone', name: 'NinjaOne', state: 'signed-out' } }),
    )[1]!.text,
  ).toContain('No technician is signed in to NinjaOne')
})

it('counts a consent rule that waits for the restart as confirmed, and an offline client as enrolled', () => {
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

it('puts the consent group first with its confirmation last, unknown groups last, and no group twice', () => {
  const keys = ['hub.name', 'future.thing', 'language', 'recording.consent.confirmed', 'recording.consent.text', 'vocabulary', 'tickets.undoSeconds'] // prettier-ignore
  const groups = settingGroups(keys.map((key) => aField({ key })))
  expect(groups.map(({ name }) => name)).toEqual(['recording.consent', 'tickets', 'calls', 'hub', 'future'])
  expect(groups[0]!.fields.map(({ key }) => key)).toEqual([
    'recording.consent.text',
    'recording.consent.confirmed',
  ])
})

it('undoes a save with the values of the file, or offers no undo when the save contained a secret', () => {
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

it('finds a setting by all words of the search, regardless of accents, case and order', () => {
  expect(matches('DUREE  gardee', 'Durée gardée en jours')).toBe(true)
  expect(matches('jours duree', 'Durée gardée en jours')).toBe(true)
  expect(matches('jours heures', 'Durée gardée en jours')).toBe(false)
  expect(matches("d'ecoute", 'Adresse d’écoute')).toBe(true)
  expect(matches('', 'anything')).toBe(true)
})

it('counts the items that need attention next to their section', () => {
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

it('sends changed settings in the shape of the settings file', () => {
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
])('reads the number field %j as %j, and leaves any other text for the hub to refuse', (text, value) => {
  expect(readNumber(text)).toEqual(value)
})

it('states the allowed values and the faults of a setting with the limits of its field', () => {
  expect(allowed(aField(), texts)).toBe('From 0 to 60. Default: 5.')
  expect(allowed(aField({ shape: { kind: 'flag' }, defaultValue: false }), texts)).toBe('Default: no.')
  expect(allowed(aField({ shape: { kind: 'list', maxItems: 9 }, defaultValue: [] }), texts)).toBe(
    'One per line.',
  )
  expect(allowed(aField({ secret: true }), texts)).toBe('')
  const fault = { code: 'too_big', message: 'Too big' }
  expect(faultText(texts, fault, aField())).toBe('Enter a whole number from 0 to 60.')
  expect(faultText(texts, fault, aField({ shape: { kind: 'text', maxLength: 5 } }))).toBe('Too long.')
  expect(faultText(texts, { code: 'new-one', message: 'Hm' }, undefined)).toBe('Rejected by the hub: Hm.')
})

it('[L8] names every machine that shares one enrollment, and the section that creates a key for it', () => {
  const parts: Overview['parts'] = [{ name: 'enrollments', state: 'degraded', reason: 'x', remedy: 'y' }]
  const sharedTokens = [{ name: 'Camille', locations: ['PC-1 (10.0.0.1)', 'PC-2 (10.0.0.2)'] }]
  expect(attention(texts, anOverview({ parts, sharedTokens }))).toMatchObject([
    {
      text: 'Several machines share one enrollment and keep disconnecting each other: Camille, PC-1 (10.0.0.1) / PC-2 (10.0.0.2).',
      remedy: expect.stringContaining('its own key'),
      href: '#keys',
    },
  ])
})
