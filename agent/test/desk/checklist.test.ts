import { describe, expect, it } from 'vitest'
import type { Check } from '../../src/ipc/deskSnapshot.ts'
import { checklistOf } from '../../src/main/desk/checklist.ts'
import { applyUtterance, type Transcript } from '../../src/main/desk/transcripts.ts'
import { anUtterance } from '../../testing/desk/deskBuilders.ts'

const noFields = { contactName: null, organizationName: null, title: '', description: '' }

function expected(need: Check['need'], texts: readonly string[], channel: 'agent' | 'caller' = 'caller') {
  const lines = texts.reduce<Transcript>(
    (all, text, at) => applyUtterance(all, anUtterance(String(at), { text, channel, fromMs: at * 1_000 })),
    [],
  )
  const state = checklistOf({ call: undefined, fields: noFields, lines }).find(
    (each) => each.need === need,
  )?.state
  return state?.at === 'known' ? state.detail : undefined
}

describe('the checklist of a good ticket', () => {
  it.each([
    ['name', 'Oui bonjour, je m’appelle Hélène Morvan.', 'Hélène Morvan'],
    ['name', 'Bonjour, c’est Thomas Girard, du cabinet Morel.', 'Thomas Girard'],
    ['name', 'Hello, my name is Sarah Jones.', 'Sarah Jones'],
    ['organization', 'J’appelle de chez Durand Frères.', 'Durand Frères'],
    ['organization', 'Je suis de la société Armor Plus', 'Armor Plus'],
    ['organization', 'I’m calling from Northwind.', 'Northwind'],
    ['device', 'Mon écran reste noir.', 'écran'],
    ['device', 'The docking station does nothing', 'docking station'],
    ['callback', 'Rappelez-moi au 02 40 11 22 33.', '02 40 11 22 33'],
    [
      'callback',
      'C’est le zéro deux quarante onze vingt-deux trente-trois',
      'zéro deux quarante onze vingt-deux trente-trois',
    ],
    [
      'tried',
      'J’ai déjà redémarré l’imprimante deux fois, rien.',
      'J’ai déjà redémarré l’imprimante deux fois',
    ],
    ['tried', 'We have already rebooted it twice.', 'We have already rebooted it twice'],
  ] as const)('the checklist finds the %s in « %s »', (need, text, detail) => {
    expect(expected(need, [text])).toBe(detail)
  })

  it.each([
    ['name', 'C’est encore en panne.'],
    ['name', 'c’est urgent de le réparer'],
    ['device', 'Je ne peux pas me supporter plus longtemps ainsi.'],
    ['callback', 'Il y en a 12 ou 15, depuis le 3.'],
    ['tried', 'Que faut-il faire ?'],
  ] as const)('the checklist finds no %s in « %s »', (need, text) => {
    expect(expected(need, [text])).toBeUndefined()
  })

  it('the checklist ignores the technician’s own name and device', () => {
    expect(expected('name', ['Je m’appelle Camille Renaud.'], 'agent')).toBeUndefined()
    expect(expected('device', ['C’est votre imprimante ?'], 'agent')).toBeUndefined()
  })

  it('the checklist counts an attempt on the telephone, whichever side names it', () => {
    expect(expected('tried', ['Là, on a redémarré le poste ensemble.'], 'agent')).toBe(
      'on a redémarré le poste ensemble',
    )
  })

  it('the checklist reads finals only: a partial may still become another word', () => {
    const lines = applyUtterance([], anUtterance('1', { state: 'partial', text: 'mon écran' }))
    expect(
      checklistOf({ call: undefined, fields: noFields, lines }).every(({ state }) => state.at === 'open'),
    ).toBe(true)
  })

  it('the checklist prefers the fields of the ticket, then the facts of telephone and hub', () => {
    const call = { name: 'T. Girard', organization: 'Cabinet Morel', number: '+33240112233' }
    const checks = checklistOf({ call, fields: { ...noFields, contactName: 'Thomas Girard' }, lines: [] })
    expect(checks.map(({ need, state }) => [need, state.at === 'known' ? state.from : 'open'])).toEqual([
      ['name', 'ticket'],
      ['organization', 'hub'],
      ['device', 'open'],
      ['callback', 'telephone'],
      ['tried', 'open'],
    ])
  })
})
