import { expect, it } from 'vitest'
import type { CallId, RecordingId, Utterance, UtteranceId } from '@3cx-ninja/protocol'
import type { FinalUtterance } from '../../src/transcripts/finalUtterance.ts'
import type { TranscriptStore } from '../../src/transcripts/ports.ts'
import { createTranscripts } from '../../src/transcripts/transcripts.ts'

const CALL = 'CALL-00000001' as CallId
const RECORDING = 'recording-0001' as RecordingId
const STARTED_AT_MS = Date.UTC(2026, 0, 5, 9)
let made = 0
const said = (text: string, change: Partial<Utterance> = {}): Utterance => ({
  utteranceId: `utterance-${String((made += 1)).padStart(6, '0')}` as UtteranceId,
  recordingId: RECORDING,
  channel: 'caller',
  part: 1,
  state: 'final',
  fromMs: made * 1_000,
  toMs: made * 1_000 + 900,
  text,
  words: [{ text: 'mot', fromMs: 0, toMs: 1, confidence: 1 }],
  ...change,
})

function someTranscripts() {
  const stored: FinalUtterance[] = []
  let failing = 0
  const store: TranscriptStore = {
    addFinal: (line) => Promise.resolve(stored.some(({ utteranceId }) => utteranceId === line.utteranceId) ? 'known' : (stored.push(line), 'stored')), // prettier-ignore
    maskFinal(line) {
      failing -= 1
      if (failing >= 0) return Promise.reject(new Error('disk is full'))
      stored.splice(
        stored.findIndex(({ utteranceId }) => utteranceId === line.utteranceId),
        1,
        line,
      )
      return Promise.resolve()
    },
    lastFinals: () => Promise.resolve({ agent: null, caller: null }),
    ofCall: () => Promise.resolve(stored),
    ofRecording: () => Promise.resolve(stored),
    erase: () => Promise.resolve(void (stored.length = 0)),
  }
  const transcripts = createTranscripts(store)
  const relayed: Utterance[] = []
  transcripts.onUtterance((_, utterance) => void relayed.push(utterance))
  const accept = (utterance: Utterance) =>
    transcripts.accept({ utterance, callId: CALL, fence: 1, partStartedAtMs: STARTED_AT_MS })
  const fail = (times: number) => void (failing = times)
  return { transcripts, relayed, stored, accept, fail }
}

it('masks a secret and its single words before it is stored or relayed', async () => {
  const { accept, relayed, stored } = someTranscripts()
  await accept(said('Mon mot de passe est Soleil2024.', { state: 'partial' }))
  await accept(said('Mon mot de passe est Soleil2024.'))
  for (const one of [...relayed, ...stored]) {
    expect(one.text).toBe('Mon mot de passe est •••.')
    expect(one.words).toEqual([])
  }
})

it('masks the answer of the other side to a question for a secret', async () => {
  const { accept, stored } = someTranscripts()
  await accept(said('Quel est votre mot de passe ?', { channel: 'agent' }))
  await accept(said('Soleil 2024.', { state: 'partial' }))
  await accept(said('Soleil 2024.'))
  expect(stored.map(({ text }) => text)).toEqual(['Quel est votre mot de passe ?', '•••.'])
})

it('returns the finals of both sides in speaking order', async () => {
  const { accept, transcripts } = someTranscripts()
  await accept(said('zweite', { fromMs: 5_000, toMs: 6_000 }))
  await accept(said('erste', { channel: 'agent', fromMs: 1_000, toMs: 2_000 }))
  expect((await transcripts.finalsOf(CALL)).map(({ text }) => text)).toEqual(['erste', 'zweite'])
})

it('[U3] returns only the newest utterances of a very long call, as many as a link can buffer', async () => {
  const { accept, transcripts } = someTranscripts()
  const words = said('').words
  const many = Array.from({ length: 600 }, () => words[0]!)
  for (let line = 0; line < 60; line += 1) await accept(said(`Ligne ${line}`, { words: many }))
  await accept(said('Lig', { state: 'partial' }))
  const lines = await transcripts.utterancesSoFar(CALL)
  expect(JSON.stringify(lines).length).toBeLessThan(2_100_000)
  expect(lines.length).toBeGreaterThan(40)
  expect(lines.slice(-2).map(({ text }) => text)).toEqual(['Ligne 59', 'Lig'])
  expect(lines[0]).not.toHaveProperty('atMs')
})

it('withdraws open partials of an ended lease, and relays no partial after its final', async () => {
  const { accept, transcripts, relayed } = someTranscripts()
  const open = said('bon', { state: 'partial' })
  await accept(open)
  transcripts.withdraw(RECORDING)
  expect(relayed.at(-1)).toMatchObject({ utteranceId: open.utteranceId, text: '' })
  expect(transcripts.recent(CALL)).toEqual([])
  const whole = said('Bonjour.')
  await accept(whole)
  expect(await accept({ ...whole, state: 'partial', text: 'Bonj' })).toBe('known')
  expect(await accept(whole)).toBe('known')
  expect(relayed.filter(({ state }) => state === 'final')).toHaveLength(1)
})

it('[A1] [U1] masks the first half of a card once the second half proves it, stored and shown, case 04', async () => {
  const { accept, relayed, stored } = someTranscripts()
  await accept(said('Alors, 4970 1012'))
  await accept(said('Oui.', { channel: 'agent' }))
  expect(stored[0]?.text).toBe('Alors, 4970 1012') // eight digits may be anything
  await accept(said('3456 7893'))
  expect(stored.map(({ text }) => text)).toEqual(['Alors, •••', 'Oui.', '•••'])
  const [first] = stored
  expect(first?.words).toEqual([])
  expect(relayed.slice(-2).map(({ text }) => text)).toEqual(['Alors, •••', '•••'])
  expect(relayed.at(-2)).toMatchObject({ utteranceId: first?.utteranceId, state: 'final', channel: 'caller' })
})

it('[A1] shows no part of a secret in the partials that lead to it', async () => {
  const { accept, relayed } = someTranscripts()
  const finals = [
    'Mon code PIN c’est le 4711.',
    'La carte, c’est 4970 1012 3456 7893, expire le 12/27.',
    'Le mot de passe, c’est Soleil2024.',
    'Mon IBAN est FR76 3000 6000 0112 3456 7890 189.',
  ]
  for (const text of finals) {
    const whole = said(text)
    for (let end = 1; end <= text.length; end += 1) await accept({ ...whole, state: 'partial', text: text.slice(0, end) }) // prettier-ignore
    await accept(whole)
  }
  const shown = relayed.map(({ text }) => text).join('\n')
  expect(shown).not.toMatch(/47|Soleil|Sol\b|3456|7893|12\/2|7890/)
})

it('[A1] reads a request from before a restart of the hub', async () => {
  const before = someTranscripts()
  await before.accept(said('Quel est votre code PIN ?', { channel: 'agent' }))
  const after = someTranscripts()
  after.stored.push(...before.stored)
  await after.accept(said('4711.'))
  expect(after.stored.at(-1)?.text).toBe('•••.')
})

it('[A1] masks the answer when it is stored before the request that the other worker lease wrote down later', async () => {
  const { accept, stored } = someTranscripts()
  await accept(said('4711.', { fromMs: 9_000, toMs: 9_500 }))
  await accept(said('Quel est votre code PIN ?', { channel: 'agent', fromMs: 5_000, toMs: 8_000 }))
  expect(stored.map(({ text }) => text)).toEqual(['•••.', 'Quel est votre code PIN ?'])
})

it('[A1] masks an earlier final at the next try when the database could not write', async () => {
  const { accept, stored, fail } = someTranscripts()
  await accept(said('Alors, 4970 1012'))
  const second = said('3456 7893')
  fail(1)
  await expect(accept(second)).rejects.toThrow('disk is full')
  await accept(second)
  expect(stored.map(({ text }) => text)).toEqual(['Alors, •••', '•••'])
})

it('[A1] keeps no raw word of a call that is over or erased', async () => {
  const { accept, transcripts, stored } = someTranscripts()
  await accept(said('Quel est votre code PIN ?', { channel: 'agent' }))
  await transcripts.erase(RECORDING, CALL)
  await accept(said('4711.'))
  expect(stored.map(({ text }) => text)).toEqual(['4711.']) // nothing of the call is remembered
})
