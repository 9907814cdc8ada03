import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { EngineBroken, EngineDown } from '../../src/engines/enginePort.ts'
import { createOpenaiServer, type OpenaiServerNeeds } from '../../src/engines/openaiServer.ts'
import { startWhisperProcess } from '../../src/engines/whisperProcess.ts'
import { workerTuning } from '../../src/tuning.ts'
import { wordErrorRate } from '../../src/wordErrorRate.ts'
import { createKeptLog } from '../../testing/keptLog.ts'
import { demoModel, whisperBinary } from '../../testing/realRecognition.ts'
import { anyOptions, clipSamples, clipText } from '../../testing/selfTestClip.ts'

const FIELDS = [
  'model',
  'language',
  'temperature',
  'response_format',
  'timestamp_granularities[]',
  'prompt',
  'file',
]

/** Refuses what OpenAI's documentation does not know, as a company's gateway does. */
async function strictServer(answer: (form: FormData) => { status: number; body: string } | 'cut') {
  const seen: FormData[] = []
  const refuse = (why: string) => ({ status: 422, body: JSON.stringify({ error: { message: why } }) })
  const judge = async (request: IncomingMessage, body: Buffer) => {
    if (request.method !== 'POST' || request.url !== '/v1/audio/transcriptions')
      return { status: 404, body: '' }
    if (request.headers.authorization !== 'Bearer secret') return { status: 401, body: '{}' }
    const type = request.headers['content-type'] ?? ''
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
    const unknown = [...form.keys()].find((name) => !FIELDS.includes(name))
    if (unknown) return refuse(`unknown field ${unknown}`)
    if (form.get('response_format') !== 'verbose_json') return refuse('response_format')
    const file = form.get('file')
    if (!(file instanceof File) || !file.name.endsWith('.wav')) return refuse('file')
    const wav = new DataView(await file.arrayBuffer())
    const rate = wav.getUint32(24, true)
    if (wav.getUint32(0) !== 0x52494646 || rate !== 16_000 || wav.getUint32(40, true) !== wav.byteLength - 44)
      return refuse('no WAV of 16 kHz')
    seen.push(form)
    return answer(form)
  }
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const said = await judge(request, Buffer.concat(chunks))
    if (said === 'cut') return void response.destroy()
    response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body)
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
function anEngine(changes: Partial<OpenaiServerNeeds> & { url: string }) {
  const kept = createKeptLog()
  const needs = { model: 'whisper-1', key: 'secret', random: () => 0.5, tuning: workerTuning, log: kept.log }
  const engine = createOpenaiServer({ ...needs, clock: systemClock, ...changes })
  return { engine, ...kept }
}
const right = { status: 200, body: JSON.stringify({ text: 'Bonjour', words: [] }) }
const samples = new Int16Array(16_000)

test('a piece goes as a WAV file with language, model and prompt, and its text comes back', async () => {
  await using server = await strictServer(() => right)
  const { engine } = anEngine(server)
  const options = { ...anyOptions(), prompt: 'Teams' }
  expect((await engine.transcribe(samples, options)).text).toBe('Bonjour')
  const [form] = server.seen
  expect([form?.get('language'), form?.get('model'), form?.get('prompt')]).toEqual([
    'fr',
    'whisper-1',
    'Teams',
  ])
})

test("whisper.cpp's own server understands it", async () => {
  const program = { binary: whisperBinary, model: demoModel, threads: 2 }
  const child = await startWhisperProcess(
    { ...program, args: ['--inference-path', '/audio/transcriptions'] },
    { clock: systemClock, tuning: workerTuning },
  )
  try {
    const { text } = await anEngine(child).engine.transcribe(await clipSamples(), anyOptions())
    expect(wordErrorRate(clipText, text)).toBeLessThan(0.2)
  } finally {
    child.kill()
    await child.ended
  }
})

describe('a server that is away for a moment loses no piece', () => {
  const moments: [string, { status: number; body: string } | 'cut'][] = [
    ['busy', { status: 429, body: '{}' }],
    ['restarting behind its proxy', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['cut off', 'cut'],
  ]
  test.each(moments)('%s', async (_name, failure) => {
    const answers = [failure, failure, right]
    await using server = await strictServer(() => answers.shift() ?? right)
    const tuning = { ...workerTuning, engineAgain: { firstMs: 1, maxMs: 1, factor: 1 } }
    const { engine, lines } = anEngine({ ...server, tuning })
    expect((await engine.transcribe(samples, anyOptions())).text).toBe('Bonjour')
    expect(lines.map(({ event }) => event)).toEqual(['engine.away', 'engine.away'])
    expect(JSON.stringify(lines)).not.toContain('secret')
  })
})

test('a server that stays away makes the worker give its calls to others, naming the remedy', async () => {
  const server = await strictServer(() => right)
  await server[Symbol.asyncDispose]()
  const clock = createFakeClock()
  const { engine, lines } = anEngine({ url: server.url, clock, random: () => 0.5 })
  let outcome: unknown
  const asked = engine.transcribe(samples, anyOptions()).catch((error: unknown) => (outcome = error))
  while (outcome === undefined) {
    await clock.advance(1_000)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await asked
  expect(outcome).toBeInstanceOf(EngineDown)
  expect((outcome as Error).message).toMatch(/does not answer .* check --engine-url/)
  expect(lines.length).toBeGreaterThan(5)
})

test.each([401, 403, 404])(
  'an answer %i stops the worker and names the settings to check',
  async (status) => {
    await using server = await strictServer(() => ({ status, body: '{}' }))
    const asked = anEngine(server).engine.transcribe(samples, anyOptions())
    await expect(asked).rejects.toThrow(EngineDown)
    await expect(asked).rejects.toThrow(/--engine-url, --engine-model and --engine-key/)
  },
)

test('a wrong key is refused as such', async () => {
  await using server = await strictServer(() => right)
  await expect(
    anEngine({ ...server, key: 'wrong' }).engine.transcribe(samples, anyOptions()),
  ).rejects.toThrow(/answered 401/)
})

test.each([
  ['a refused piece', { status: 422, body: '{"error":"too short"}' }],
  ['an answer that is none', { status: 200, body: '<html>' }],
])('%s is a broken piece, not a broken worker', async (_name, answer) => {
  await using server = await strictServer(() => answer)
  await expect(anEngine(server).engine.transcribe(samples, anyOptions())).rejects.toThrow(EngineBroken)
})

test('a stop ends what is under way', async () => {
  await using server = await strictServer(() => ({ status: 503, body: '' }))
  const { engine, logged } = anEngine(server)
  const asked = engine.transcribe(samples, anyOptions())
  const reported = expect(asked).rejects.toThrow('stopped')
  await logged('engine.away')
  await engine.stop()
  await reported
})
