import { expect, it } from 'vitest'
import type { CallId, RecordingId, Utterance, UtteranceId } from '@3cx-ninja/protocol'
import type { FinalUtterance } from '../../src/transcripts/finalUtterance.ts'
import { createTranscripts, type TranscriptStore } from '../../src/transcripts/transcripts.ts'

const CALL = 'CALL-00000001' as CallId
const RECORDING = 'recording-0001' as RecordingId
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
  const store: TranscriptStore = {
    addFinal: (line) => Promise.resolve(stored.some(({ utteranceId }) => utteranceId === line.utteranceId) ? 'known' : (stored.push(line), 'stored')), // prettier-ignore
    lastFinals: () => Promise.resolve({ agent: null, caller: null }),
    ofCall: () => Promise.resolve(stored),
    ofRecording: () => Promise.resolve(stored),
    erase: () => Promise.resolve(void (stored.length = 0)),
  }
  const transcripts = createTranscripts(store)
  const relayed: Utterance[] = []
  transcripts.onUtterance((_, utterance) => void relayed.push(utterance))
  const accept = (utterance: Utterance) =>
    transcripts.accept({ utterance, callId: CALL, fence: 1, partStartedAtMs: 0 })
  return { transcripts, relayed, stored, accept }
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
