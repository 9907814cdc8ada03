import { recordingId, utteranceId, type Utterance } from '@3cx-ninja/protocol'
import { expect, test } from 'vitest'
import { EngineDown, type Transcription } from '../../src/engines/enginePort.ts'
import { manifestSchema, type Manifest } from '../../src/model/manifest.ts'
import type { AudioSegment } from '../../src/endpointing/speechChannel.ts'
import { createChannelTranscriber } from '../../src/transcribing/channelTranscriber.ts'
import { workerTuning } from '../../src/tuning.ts'
import { aTranscription } from '../../testing/fakeRecognition.ts'

interface Asked {
  readonly kind: 'final' | 'partial'
  readonly audioContext: number | undefined
  readonly answer: (text: string | undefined) => Promise<void>
  readonly fail: (error: Error) => Promise<void>
}

/** A transcriber whose decoders answer when the test decides. */
function aTranscriber(
  changes: {
    live?: boolean
    finalsWaiting?: number
    model?: Partial<Manifest>
    withoutEcho?: (sound: AudioSegment) => AudioSegment
  } = {},
) {
  const asked: Asked[] = []
  const said: Utterance[] = []
  const down: unknown[] = []
  const stopping = new AbortController()
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const ask = (kind: Asked['kind'], audioContext: number | undefined) =>
    new Promise<Transcription | undefined>((resolve, reject) =>
      asked.push({
        kind,
        audioContext,
        answer: (text) => (resolve(text === undefined ? undefined : aTranscription(text)), settle()),
        fail: (error) => (reject(error), settle()),
      }),
    )
  let made = 0
  const transcriber = createChannelTranscriber({
    recordingId: recordingId.parse('recording-1'),
    channel: 'caller',
    part: 1,
    language: 'fr',
    vocabulary: '',
    live: changes.live ?? true,
    previousText: '',
    pool: {
      final: ({ audioContext }) => ask('final', audioContext),
      partial: ({ audioContext }) => ask('partial', audioContext),
      waiting: () => ({ finals: changes.finalsWaiting ?? 0, partials: 0 }),
    },
    manifest: manifestSchema.parse({ name: 'fake', prompt: false, ...changes.model }),
    tuning: workerTuning,
    newUtteranceId: () => utteranceId.parse(`utterance-${++made}`),
    signal: stopping.signal,
    onUtterance: (utterance) => said.push(utterance),
    onDown: (error) => down.push(error),
    ...(changes.withoutEcho ? { removeEcho: changes.withoutEcho } : {}),
  })
  return { transcriber, asked, said, down, stopping, settle }
}
const sound = (ms: number, fromMs = 0): AudioSegment => ({
  fromSample: fromMs * 16,
  toSample: (fromMs + ms) * 16,
  samples: new Int16Array(ms * 16),
})
const texts = (said: readonly Utterance[]) => said.map(({ state, text }) => `${state}: ${text}`)

test('a partial shows the words on which two hypotheses agree, under the id of the final that replaces it', async () => {
  const { transcriber, asked, said } = aTranscriber()
  transcriber.speech({ kind: 'opened' }, 0)
  expect(transcriber.wantsPartial(600 * 16)).toBe(false)
  expect(transcriber.wantsPartial(700 * 16)).toBe(true)
  transcriber.partial(sound(700), 0)
  expect(transcriber.wantsPartial(5_000 * 16)).toBe(false) // one at a time
  await asked[0]?.answer('Bonjour je suite')
  expect(said).toEqual([])
  expect(transcriber.wantsPartial(1_100 * 16)).toBe(false)
  expect(transcriber.wantsPartial(1_200 * 16)).toBe(true)
  transcriber.partial(sound(1_200), 0)
  await asked[1]?.answer('Bonjour je suis là')
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  await asked[2]?.answer('Bonjour, je suis là.')
  expect(texts(said)).toEqual(['partial: Bonjour je', 'final: Bonjour, je suis là.'])
  expect(new Set(said.map((one) => one.utteranceId)).size).toBe(1)
  expect(said[1]).toMatchObject({ fromMs: 0, toMs: 2_000, channel: 'caller', part: 1 })
})

test('a partial that comes back after the final is not shown', async () => {
  const { transcriber, asked, said } = aTranscriber()
  transcriber.speech({ kind: 'opened' }, 0)
  for (const ms of [700, 1_200]) {
    transcriber.partial(sound(ms), 0)
    if (ms === 700) await asked[0]?.answer('Bonjour je suis')
  }
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  await asked[2]?.answer('Bonjour.')
  await asked[1]?.answer('Bonjour je suis')
  expect(texts(said)).toEqual(['final: Bonjour.'])
})

test('an utterance that seems over is decoded speculatively, before the silence is long enough, and once only', async () => {
  const { transcriber, asked, said, settle } = aTranscriber()
  transcriber.speech({ kind: 'opened' }, 0)
  expect(transcriber.wantsSpeculativeDecode(undefined)).toBe(false)
  expect(transcriber.wantsSpeculativeDecode(2_000 * 16)).toBe(true)
  transcriber.speculate(sound(2_000), 0)
  expect(transcriber.wantsSpeculativeDecode(2_000 * 16)).toBe(false)
  await asked[0]?.answer('Bonjour.')
  expect(said).toEqual([])
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  await settle()
  expect(asked.map(({ kind }) => kind)).toEqual(['final'])
  expect(texts(said)).toEqual(['final: Bonjour.'])
})

test('an utterance that goes on after a pause is decoded again; the speculative decode shows as a partial', async () => {
  const { transcriber, asked, said } = aTranscriber()
  transcriber.speech({ kind: 'opened' }, 0)
  transcriber.partial(sound(700), 0)
  await asked[0]?.answer('Bonjour je')
  transcriber.speculate(sound(2_000), 0)
  expect(transcriber.wantsPartial(2_300 * 16)).toBe(false)
  await asked[1]?.answer('Bonjour je suis')
  expect(transcriber.wantsSpeculativeDecode(4_000 * 16)).toBe(true)
  transcriber.speech({ kind: 'closed', segment: sound(4_000) }, 0)
  await asked[2]?.answer('Bonjour, je suis là.')
  expect(asked.map(({ kind }) => kind)).toEqual(['partial', 'final', 'final'])
  expect(texts(said)).toEqual(['partial: Bonjour je', 'final: Bonjour, je suis là.'])
})

test('a speculative decode whose echo was removed differently is not used for the final', async () => {
  let echoMs = 0
  const { transcriber, asked, said } = aTranscriber({
    withoutEcho: (all) => ({ ...all, samples: all.samples.subarray(echoMs * 16) }),
  })
  transcriber.speech({ kind: 'opened' }, 0)
  transcriber.speculate(sound(2_000), 0)
  echoMs = 500
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  await asked[0]?.answer('Avec écho.')
  await asked[1]?.answer('Sans écho.')
  expect(texts(said)).toEqual(['final: Sans écho.'])
})

test('an engine that dies at a speculative decode gives the call back when the utterance is over', async () => {
  const { transcriber, asked, down, settle } = aTranscriber()
  transcriber.speech({ kind: 'opened' }, 0)
  transcriber.speculate(sound(2_000), 0)
  await asked[0]?.fail(new EngineDown('gone'))
  expect(down).toEqual([])
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  await settle()
  expect(down).toHaveLength(1)
})

test('nothing is decoded speculatively while finals wait, before the previous text is settled, or of a recording that is read later', () => {
  const busy = aTranscriber({ finalsWaiting: 1 }).transcriber
  const later = aTranscriber({ live: false }).transcriber
  const prompted = aTranscriber({ model: { prompt: true } }).transcriber
  prompted.speech({ kind: 'opened' }, 0)
  prompted.speech({ kind: 'closed', segment: sound(1_000) }, 0)
  for (const transcriber of [busy, later, prompted]) {
    transcriber.speech({ kind: 'opened' }, 0)
    expect(transcriber.wantsSpeculativeDecode(2_000 * 16)).toBe(false)
  }
})

test('a recording that is read later has no partials', () => {
  const { transcriber } = aTranscriber({ live: false })
  transcriber.speech({ kind: 'opened' }, 0)
  expect(transcriber.wantsPartial(10_000 * 16)).toBe(false)
})

test('a partial that was shown is withdrawn by an empty final when the final text is no speech', async () => {
  const { transcriber, asked, said } = aTranscriber()
  transcriber.speech({ kind: 'opened' }, 0)
  transcriber.partial(sound(700), 0)
  await asked[0]?.answer('Euh bonjour')
  transcriber.partial(sound(1_200), 0)
  await asked[1]?.answer('Euh bonjour')
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  await asked[2]?.answer("Merci d'avoir regardé la vidéo !")
  expect(texts(said)).toEqual(['partial: Euh bonjour', 'final: '])
})

test('silence without a partial sends no final', async () => {
  const { transcriber, asked, said } = aTranscriber()
  transcriber.speech({ kind: 'opened' }, 0)
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  await asked[0]?.answer('')
  expect(said).toEqual([])
})

test('finals are sent in order, whichever decoder is ready first', async () => {
  const { transcriber, asked, said } = aTranscriber()
  transcriber.speech({ kind: 'closed', segment: sound(1_000) }, 0)
  transcriber.speech({ kind: 'closed', segment: sound(1_000, 2_000) }, 0)
  await asked[1]?.answer('deux')
  expect(said).toEqual([])
  await asked[0]?.answer('un')
  await transcriber.settled()
  expect(texts(said)).toEqual(['final: un', 'final: deux'])
})

test('with a model that uses prompts, a final waits for the previous one', async () => {
  const { transcriber, asked, settle } = aTranscriber({ model: { prompt: true } })
  transcriber.speech({ kind: 'closed', segment: sound(1_000) }, 0)
  transcriber.speech({ kind: 'closed', segment: sound(1_000, 2_000) }, 0)
  await settle()
  expect(asked).toHaveLength(1)
  await asked[0]?.answer('un')
  expect(asked).toHaveLength(2)
})

test('a text that loops is decoded again with the whole window, and left out if it still loops', async () => {
  const { transcriber, asked, said } = aTranscriber({ model: { audioContext: 'by-length' } })
  const loop = 'oui alors '.repeat(8)
  transcriber.speech({ kind: 'closed', segment: sound(2_000) }, 0)
  expect(asked[0]?.audioContext).toBe(256)
  await asked[0]?.answer(loop)
  expect(asked[1]?.audioContext).toBeUndefined()
  await asked[1]?.answer('Oui, alors voilà.')
  transcriber.speech({ kind: 'closed', segment: sound(2_000, 5_000) }, 0)
  await asked[2]?.answer(loop)
  await asked[3]?.answer(loop)
  expect(texts(said)).toEqual(['final: Oui, alors voilà.'])
})

test('a piece that no decoder could read leaves a mark, so that a person listens to it', async () => {
  const { transcriber, asked, said } = aTranscriber()
  transcriber.speech({ kind: 'closed', segment: sound(1_000) }, 0)
  await asked[0]?.answer(undefined)
  expect(texts(said)).toEqual(['final: […]'])
})

test('audio is read no faster than it is transcribed', async () => {
  const { transcriber, asked, settle } = aTranscriber()
  for (let index = 0; index <= workerTuning.maxWaitingFinals; index++)
    transcriber.speech({ kind: 'closed', segment: sound(1_000, index * 1_000) }, 0)
  let hasRoom = false
  const room = transcriber.capacity().then(() => (hasRoom = true))
  await settle()
  expect(hasRoom).toBe(false)
  await asked[0]?.answer('un')
  await room
  expect(hasRoom).toBe(true)
})

test('when no decoder can run the lease is given up, and nothing of the piece is sent', async () => {
  const { transcriber, asked, said, down } = aTranscriber()
  transcriber.speech({ kind: 'closed', segment: sound(1_000) }, 0)
  await asked[0]?.fail(new EngineDown('no memory'))
  expect(down).toEqual([new EngineDown('no memory')])
  expect(said).toEqual([])
})

test('after the lease is lost nothing more is sent', async () => {
  const { transcriber, asked, said, stopping } = aTranscriber()
  transcriber.speech({ kind: 'closed', segment: sound(1_000) }, 0)
  stopping.abort()
  await asked[0]?.answer('trop tard')
  expect(said).toEqual([])
})
