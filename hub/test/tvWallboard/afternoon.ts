import { readFile } from 'node:fs/promises'
import { SECOND_MS } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { NOON_MS, type Room } from './room.ts'

const demoCall = z.object({
  segments: z.array(
    z.object({
      speaker: z.enum(['agent', 'customer']),
      start: z.number(),
      end: z.number(),
      text: z.string(),
    }),
  ),
})

const TICKETS = [
  ['Imprimante réseau hors ligne', 'Menuiserie Lambert', 'Camille Roussel', 'MEDIUM'],
  ['Partage de fichiers inaccessible', 'Cabinet Delorme', 'Karim Haddad', 'HIGH'],
  ['Création de compte pour un arrivant', 'Océan Voyages', 'Élodie Petit', 'LOW'],
  ['Double écran non reconnu', 'Pharmacie du Port', 'Nadia Benali', 'LOW'],
  ['Messagerie bloquée après mise à jour', 'Transports Guérin', 'Julien Moreau', 'HIGH'],
  ['Certificat du VPN expiré', 'Cabinet Delorme', 'Sarah Lemoine', 'MEDIUM'],
  ['Téléphone sans tonalité à l’accueil', 'Hôtel des Remparts', 'Nadia Benali', 'MEDIUM'],
] as const

/** Plays an afternoon at a helpdesk; the words come from the demonstration calls of resources/audio. */
export async function actAfternoon(room: Room): Promise<void> {
  const { clock } = room
  /** Sets the hub's clock to `agoS` seconds before `NOON_MS`. */
  const at = (agoS: number) => clock.jumpWallClock(NOON_MS - agoS * SECOND_MS - clock.nowMs())

  at(6.1 * 3_600)
  const camille = room.agent('Camille Roussel', '201')
  const julien = room.agent('Julien Moreau', '202')
  const sarah = room.agent('Sarah Lemoine', '203')
  const nadia = room.agent('Nadia Benali', '204')
  const elodie = room.agent('Élodie Petit', '205')
  const karim = room.agent('Karim Haddad', '206')
  const everybody = [camille, julien, sarah, nadia, elodie, karim]

  // The morning, which the hub counts: a call every quarter of an hour, two of them missed.
  for (let n = 0; n < 23; n++) {
    const agoS = 6 * 3_600 - n * 900
    const missed = n === 6 || n === 17
    const lengthS = missed ? 30 : 190 + ((n * 67) % 340)
    const startedAtMs = NOON_MS - agoS * SECOND_MS
    at(agoS - lengthS)
    room.call(`day${n}`, everybody[n % everybody.length] ?? camille, {
      phase: missed ? 'missed' : 'done',
      recording: 'complete',
      startedAtMs,
      ...(missed ? {} : { talkingSinceMs: startedAtMs + 8 * SECOND_MS }),
      endedAtMs: startedAtMs + lengthS * SECOND_MS,
    })
  }
  for (const ms of [840, 910, 1_180]) room.hangUpToDraft(ms)
  TICKETS.forEach(([title, organization, agent, priority], index) => {
    at((TICKETS.length - index) * 1_020)
    room.ticket(1_187 + index, title, { agent, organization, priority })
  })
  at(5_100)
  room.agent('Hugo Lefèvre', '207', false)
  at(1_900)
  room.call('earlier', karim, { phase: 'talking', recording: 'complete' })
  room.call('earlier', karim, { phase: 'done', endedAtMs: clock.nowMs() + 60 * SECOND_MS })
  at(330)
  room.call('just', elodie, { phase: 'talking', recording: 'complete' })
  room.call('just', elodie, { phase: 'done', endedAtMs: clock.nowMs() + 60 * SECOND_MS })
  room.slots = { total: 8, used: 3 }
  room.draftsWaiting = 1
  at(100)
  await clock.advance(20 * SECOND_MS) // ended calls leave the wallboard

  await talk(room, at, '1', 1, camille, 38.6, {
    number: '+33240556677',
    contact: 'Thomas Girard',
    organization: 'Menuiserie Lambert',
  })
  await talk(room, at, '2', 2, julien, 30.6, {
    number: '+33624381755',
    contact: 'Nathalie Faure',
    organization: 'Océan Voyages',
  })
  await talk(room, at, '3', 3, sarah, 36.9, {
    number: '+33472410908',
    contact: 'Vincent Mercier',
    organization: 'Groupe Astier',
  })
  at(7)
  room.call('4', nadia, { remoteNumber: '+33153219944', recording: 'none' })
  at(0)
  await room.settle()
}

interface Remote {
  readonly number: string
  readonly contact: string
  readonly organization: string
}

/** Plays a demonstration call up to `untilS`: finals, and the current words as a partial. */
async function talk(
  room: Room,
  at: (agoS: number) => void,
  key: string,
  demo: number,
  agent: string,
  untilS: number,
  remote: Remote,
) {
  const file = new URL(`../../../resources/audio/demo-call-${demo}.json`, import.meta.url)
  const { segments } = demoCall.parse(JSON.parse(await readFile(file, 'utf8')))
  at(untilS)
  const talkingSinceMs = NOON_MS - Math.round(untilS * SECOND_MS)
  room.call(key, agent, {
    phase: 'talking',
    startedAtMs: talkingSinceMs - 6 * SECOND_MS,
    talkingSinceMs,
    remoteNumber: remote.number,
    caller: {
      match: 'one',
      contactName: remote.contact,
      organizationName: remote.organization,
    },
  })
  for (const { speaker, start, end, text } of segments) {
    if (start >= untilS) return
    const channel = speaker === 'agent' ? 'agent' : 'caller'
    const received = Math.min(1, (untilS - start) / (end - start))
    const words = text.split(' ')
    const said = words.slice(0, Math.max(1, Math.floor(words.length * received))).join(' ')
    room.say(key, channel, Math.round(start * SECOND_MS), said, received < 1 ? 'partial' : 'final')
  }
}
