import { describe, expect, it } from 'vitest'
import type { WallboardCall } from '@3cx-ninja/protocol'
import { applyMessage, emptyBoard } from '../../src/board/board.ts'
import type { Standing } from '../../src/link/standing.ts'
import { createTexts } from '../../src/texts/texts.ts'
import { wallboardTuning } from '../../src/tuning.ts'
import { chooseTheme } from '../../src/view/chooseTheme.ts'
import { viewWallboard } from '../../src/view/wallboardView.ts'
import {
  START_MS,
  aCall,
  aLine,
  aSnapshot,
  aTicket,
  anAgent,
  someFigures,
} from '../../testing/wallboardWords.ts'

const texts = createTexts('fr', 'Europe/Paris')
const live: Standing = { at: 'live' }

/** Returns the view of the wallboard `afterMs` after the snapshot, which arrived at monotonic time 0. */
function lookAt(changes: Parameters<typeof aSnapshot>[0], afterMs = 0, standing: Standing = live) {
  const board = applyMessage(emptyBoard, aSnapshot(changes))
  return viewWallboard({ board, standing, monotonicMs: afterMs, hubMs: START_MS + afterMs }, texts)
}
const figure = (view: ReturnType<typeof viewWallboard>, key: string) =>
  view.figures.find((one) => one.key === key)?.value

it.each([
  ['', 'dark'],
  ['?lang=en&theme=light', 'light'],
  ['?theme=auto', 'auto'],
  ['?theme=pink', 'dark'],
])('the wallboard at %j is %s', (query, theme) => {
  expect(chooseTheme(query)).toBe(theme)
})

describe('calls on the wallboard', () => {
  it('a call card names technician, caller and organization, and counts the talk time', () => {
    const caller = {
      match: 'one',
      contactName: 'Thomas Girard',
      organizationName: 'Menuiserie Lambert',
    } as const
    const { cards } = lookAt({ calls: [aCall('1', { caller, startedAtMs: START_MS - 9_000 })] }, 72_400).calls
    expect(cards[0]).toMatchObject({
      agent: 'Nadia Benali',
      caller: 'Thomas Girard',
      organization: 'Menuiserie Lambert',
      phaseLabel: 'En ligne',
      elapsed: '01:12',
    })
  })

  it('the alarm shows how long a telephone has rung or a caller has been on hold, the longest wait first', () => {
    const calls = [
      aCall('1', { phase: 'ringing', agentName: 'Nadia Benali', startedAtMs: START_MS }),
      aCall('2', { phase: 'ringing', agentName: 'Hugo Lefèvre', startedAtMs: START_MS - 5_000 }),
      aCall('3'),
    ]
    const agents = [
      anAgent('Sarah Lemoine', { state: 'held' }),
      anAgent('Élodie Petit', { state: 'held', sinceMs: START_MS - 60_000 }),
    ]
    expect(lookAt({ calls, agents }, 14_000).alarms).toEqual({ text: '', more: '' })
    expect(lookAt({ calls, agents }, 15_000).alarms).toEqual({
      text: 'Sonne depuis 00:20\u00a0: Hugo Lefèvre',
      more: '',
    })
    expect(lookAt({ calls, agents }, 61_000).alarms).toEqual({
      text: 'Sonne depuis 01:06\u00a0: Hugo Lefèvre',
      more: '+2',
    })
    expect(lookAt({ calls: [], agents }, 61_000).alarms.text).toBe(
      'En attente depuis 02:01\u00a0: Élodie Petit',
    )
    expect(lookAt({ calls, agents }, 61_000).agents.rows.map(({ name, late }) => [name, late])).toEqual([
      ['Élodie Petit', true],
      ['Sarah Lemoine', false],
    ])
  })

  it('a long call is marked, and an ended one is not', () => {
    const longMs = wallboardTuning.talkLongMs
    const urgencies = (changes: Partial<WallboardCall>, afterMs: number) =>
      lookAt({ calls: [aCall('1', changes)] }, afterMs).calls.cards.map(({ urgency }) => urgency)
    expect(urgencies({}, longMs - 1)).toEqual(['calm'])
    expect(urgencies({}, longMs)).toEqual(['long'])
    expect(urgencies({ phase: 'done', endedAtMs: START_MS }, longMs)).toEqual(['calm'])
    expect(urgencies({ phase: 'ringing' }, wallboardTuning.ringLateMs)).toEqual(['late'])
  })

  it('an old board raises no alarm', () => {
    const calls = [aCall('1', { phase: 'ringing' })]
    const cut: Standing = { at: 'cut', sinceMs: 0, everReceived: true, nextTryMs: undefined }
    expect(lookAt({ calls }, 90_000, cut).alarms).toEqual({ text: '', more: '' })
  })

  it('[T2] a call card shows the hub’s masked number, and only once when it is the name as well', () => {
    const remoteNumberMasked = '+33 ••• 78'
    const view = lookAt({
      calls: [
        aCall('1', { remoteName: remoteNumberMasked, remoteNumberMasked }),
        aCall('2', { remoteNumberMasked }),
        aCall('3'),
        aCall('4', { remoteName: 'Pharmacie 24', remoteNumberMasked }),
      ],
    })
    expect(view.calls.cards.map(({ caller, organization }) => [caller, organization])).toEqual([
      [remoteNumberMasked, ''],
      [remoteNumberMasked, ''],
      ['Numéro inconnu', ''],
      ['Pharmacie 24', remoteNumberMasked],
    ])
  })

  it('a call card names the speaker once per turn, and marks provisional words', () => {
    const lines = [
      aLine('a', { channel: 'agent', fromMs: 0, text: 'Bonjour.' }),
      aLine('b', { channel: 'agent', fromMs: 2_000, text: 'Je vous écoute !' }),
      aLine('c', { channel: 'caller', fromMs: 4_000, text: 'Notre impri', state: 'partial' }),
    ]
    const [card] = lookAt({ calls: [aCall('1', { utterances: lines })] }).calls.cards
    expect(card?.lines.map(({ speaker, text, provisional }) => [speaker, text, provisional])).toEqual([
      ['Nadia', 'Bonjour.', false],
      ['', 'Je vous écoute\u00a0!', false],
      ['Appelant', 'Notre impri', true],
    ])
  })

  it('a call card names the other side of an outbound call “Appelé”', () => {
    const [card] = lookAt({ calls: [aCall('1', { direction: 'outbound', utterances: [aLine('a')] })] }).calls
      .cards
    expect(card?.lines[0]?.speaker).toBe('Appelé')
  })

  it.each<[string, Partial<WallboardCall>]>([
    ['Sonnerie…', { phase: 'ringing', recording: 'none' }],
    ['En attente des premiers mots…', { recording: 'recording' }],
    ['Cet appel n’est pas enregistré.', { recording: 'refused' }],
    ['Enregistrement en pause.', { recording: 'paused' }],
    ['L’enregistrement a été effacé.', { recording: 'erased' }],
    ['L’enregistrement n’a pas commencé.', { recording: 'none' }],
    ['Personne n’a décroché.', { phase: 'missed', recording: 'none' }],
    ['Rien n’a encore été transcrit.', { phase: 'wrap-up', recording: 'complete' }],
  ])('a call card without words shows the reason: %s', (hush, changes) => {
    expect(lookAt({ calls: [aCall('1', changes)] }).calls.cards[0]?.hush).toBe(hush)
  })

  it('a call card shows that transcription is unavailable when no worker has a slot', () => {
    const view = lookAt({ calls: [aCall('1')], figures: someFigures({ slotsTotal: 0, slotsUsed: 0 }) })
    expect(view.calls.cards[0]?.hush).toBe('Transcription indisponible\u00a0; le texte suivra.')
    expect(figure(view, 'places')).toBe('indisponible')
  })

  it('the wallboard counts calls that do not fit; active calls precede ended ones, and each keeps its place', () => {
    const calls = Array.from({ length: 9 }, (_, n) =>
      aCall(`${n}`, { startedAtMs: START_MS + n, phase: n < 2 ? 'done' : 'talking' }),
    )
    const { cards, more } = lookAt({ calls: calls.toReversed() }).calls
    expect(cards).toHaveLength(wallboardTuning.cards)
    expect(cards.map(({ key }) => Number(key.slice(-1)))).toEqual([2, 3, 4, 5, 6, 7])
    expect(more).toBe('+3 autres appels')
    expect(lookAt({ calls: calls.slice(0, 6) }).calls.cards.map(({ key }) => Number(key.slice(-1)))).toEqual([
      0, 1, 2, 3, 4, 5,
    ])
  })

  it('the time of a call stops when the call has ended', () => {
    const ended = aCall('1', { phase: 'wrap-up', endedAtMs: START_MS + 60_000 })
    expect(lookAt({ calls: [ended] }, 500_000).calls.cards[0]?.elapsed).toBe('01:00')
  })
})

describe('figures on the wallboard', () => {
  it('[T4] figures are a dash until the hub sends them, never a zero of our own', () => {
    const view = viewWallboard(
      { board: emptyBoard, standing: { at: 'joining' }, monotonicMs: 0, hubMs: START_MS },
      texts,
    )
    expect(view.figures.map(({ value }) => value)).toEqual(Array(8).fill('–'))
    expect(view.calls.empty).toBe('En attente des appels du hub')
    expect([view.tickets.empty, view.agents.empty]).toEqual(['', ''])
  })

  it('[T4] figures are the hub’s own, with a dash for a figure that it never measured', () => {
    const view = lookAt({ figures: someFigures({ hangUpToDraftMs: null, missedToday: 3 }) })
    expect(view.figures.map(({ key, value }) => `${key} ${value}`)).toEqual([
      'on 0',
      'calls 12',
      'missed 3',
      'talk 1 h 30',
      'tickets 9',
      'drafts 1',
      'ready –',
      'places 1 / 4',
    ])
    expect(view.figures.find(({ key }) => key === 'missed')?.tone).toBe('attention')
  })

  it('figures of a past day are not shown as today’s', () => {
    const view = lookAt({}, 16 * 3_600_000)
    expect([figure(view, 'calls'), figure(view, 'drafts')]).toEqual(['–', '1'])
  })
})

describe('technicians on the wallboard', () => {
  it('technicians on a call come first and offline ones last, by name among equals', () => {
    const agents = [
      anAgent('Zoé', { state: 'talking' }),
      anAgent('Hugo', { state: 'offline' }),
      anAgent('Émile'),
      anAgent('Denis'),
      anAgent('Fatou', { state: 'ringing' }),
      anAgent('Aline', { state: 'held' }),
    ]
    const { rows } = lookAt({ agents }, 65_000).agents
    expect(rows.map(({ name }) => name)).toEqual(['Fatou', 'Aline', 'Zoé', 'Denis', 'Émile', 'Hugo'])
    expect(rows.map(({ since }) => since)).toEqual(['01:05', '01:05', '01:05', '1 min', '1 min', '1 min'])
  })

  it('many technicians share two columns, and the wallboard counts those that do not fit', () => {
    const agents = Array.from({ length: 17 }, (_, n) => anAgent(`Technicien ${n}`))
    const view = lookAt({ agents }).agents
    expect(view.layout).toBe('cells')
    expect(view.rows).toHaveLength(wallboardTuning.agentCells)
    expect(view.more).toBe('+3 autres')
    expect(lookAt({ agents: agents.slice(0, 7) }).agents).toMatchObject({ layout: 'rows', more: '' })
  })
})

describe('tickets on the wallboard', () => {
  it('tickets come newest first with their known facts, and the wallboard counts the rest', () => {
    const tickets = Array.from({ length: 7 }, (_, n) => aTicket(n + 1))
    tickets.push(
      aTicket(8, { organizationName: 'Océan Voyages', agentName: 'Nadia Benali', priority: 'HIGH' }),
    )
    const { rows, more } = lookAt({ tickets }).tickets
    expect(rows.map(({ number }) => number)).toEqual(['#8', '#7', '#6', '#5', '#4'])
    expect(rows[0]).toMatchObject({
      about: 'Océan Voyages · Nadia Benali',
      priorityLabel: 'Haute',
      time: '10:00',
    })
    expect(rows[1]?.about).toBe('')
    expect(more).toBe('+3 plus tôt')
  })
})

describe('a wallboard that is cut off', () => {
  const cut: Standing = { at: 'cut', sinceMs: 60_000, everReceived: true, nextTryMs: 303_500 }

  it('a disconnected wallboard shows since when, and when it retries', () => {
    expect(lookAt({}, 300_000, cut).standing).toEqual({
      tone: 'cut',
      title: 'Coupé du hub depuis 10:01',
      detail: 'Affichage figé depuis 4 min. Les postes continuent d’enregistrer.',
      retry: 'nouvel essai dans 4 s',
      enroll: null,
    })
  })

  it('running times of a disconnected wallboard stop at the hub’s last message, while the clock continues', () => {
    const view = lookAt({ calls: [aCall('1')], agents: [anAgent('Zoé', { state: 'talking' })] }, 300_000, cut)
    expect(view.calls.cards[0]?.elapsed).toBe('01:00')
    expect(view.agents.rows[0]?.since).toBe('01:00')
    expect(view.time).toBe('10:05')
  })

  it('the band distinguishes a hub that never answered from one that refuses this screen', () => {
    const never = lookAt({}, 9_000, { at: 'cut', sinceMs: 0, everReceived: false, nextTryMs: undefined })
    expect([never.standing.title, never.standing.retry]).toEqual(['Le hub ne répond pas', 'nouvel essai…'])
    const refused = { at: 'refused', sinceMs: 0, everReceived: true, nextTryMs: undefined } as const
    expect(lookAt({}, 0, { ...refused, reason: 'badToken' }).standing.enroll).not.toBeNull()
    expect(lookAt({}, 0, { ...refused, reason: 'protocolTooOld' }).standing).toMatchObject({
      title: 'Cette page est plus ancienne que le hub',
      enroll: null,
    })
  })
})
