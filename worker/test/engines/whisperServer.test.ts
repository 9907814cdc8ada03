import { copyFile, truncate, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { expect, test } from 'vitest'
import { createDecoderPool } from '../../src/decoders/decoderPool.ts'
import { EngineBroken, EngineDown } from '../../src/engines/enginePort.ts'
import { createWhisperServer, type WhisperServerNeeds } from '../../src/engines/whisperServer.ts'
import { silentLog } from '../../src/log.ts'
import { workerTuning } from '../../src/tuning.ts'
import { wordErrorRate } from '../../src/wordErrorRate.ts'
import { freshFolder } from '../../testing/freshFolder.ts'
import { createKeptLog } from '../../testing/keptLog.ts'
import { demoModel, whisperBinary } from '../../testing/realRecognition.ts'
import { anyOptions, clipSamples, clipText } from '../../testing/selfTestClip.ts'

function anEngine(
  changes: Partial<WhisperServerNeeds> & { model?: string; binary?: string; args?: string[] } = {},
) {
  const { model = demoModel, binary = whisperBinary, args = [], ...others } = changes
  const kept = createKeptLog()
  const engine = createWhisperServer({
    program: { binary, model, threads: 2, args },
    clock: systemClock,
    tuning: workerTuning,
    log: kept.log,
    ...others,
  })
  return { engine, ...kept, [Symbol.asyncDispose]: () => engine.stop() }
}
const listen = (port = 0) =>
  new Promise<{ server: Server; port: number }>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve({ server, port: typeof address === 'object' && address ? address.port : 0 })
    })
  })

test('words come with times inside the piece and a confidence', async () => {
  await using running = anEngine()
  const samples = await clipSamples()
  const transcription = await running.engine.transcribe(samples, { ...anyOptions(), audioContext: 512 })
  expect(wordErrorRate(clipText, transcription.text)).toBeLessThan(0.2)
  expect(transcription.words.map(({ text }) => text).join(' ')).toBe(transcription.text)
  for (const { fromMs, toMs, confidence } of transcription.words) {
    expect(toMs).toBeGreaterThanOrEqual(fromMs)
    expect(fromMs).toBeLessThanOrEqual(samples.length / 16)
    expect(confidence).toBeGreaterThan(0)
  }
})

test('a process killed in the middle of a piece is started again, and the piece is decoded after all', async () => {
  await using running = anEngine()
  const pool = createDecoderPool({ engines: [running.engine], triesPerPiece: 3, log: silentLog })
  const samples = await clipSamples()
  const piece = { samples, ...anyOptions() }
  await pool.final(piece)
  const { fields } = await running.logged('engine.started')
  const killed = pool.final(piece)
  process.kill(Number(fields.pid), 'SIGKILL')
  expect(wordErrorRate(clipText, (await killed)?.text ?? '')).toBeLessThan(0.2)
  const pids = running.lines.filter(({ event }) => event === 'engine.started').map((line) => line.fields.pid)
  expect(new Set(pids).size).toBe(2)
  expect((await running.logged('engine.ended')).fields).toEqual({ pid: fields.pid, how: 'ended by SIGKILL' })
})

test('a process that misses its deadline is killed, and the next piece gets a new one', async () => {
  const deadlines = [1, 60_000]
  // The clock of the deadline only: the first is over as soon as it is set.
  const clock = {
    ...systemClock,
    timeout: (ms: number) => systemClock.timeout(ms === 1_000 ? ms : (deadlines.shift() ?? ms)),
  }
  await using running = anEngine({ clock })
  const samples = await clipSamples()
  await expect(running.engine.transcribe(samples, anyOptions())).rejects.toThrow(EngineBroken)
  const { fields } = await running.logged('engine.ended')
  expect(fields.how).toBe('ended by SIGKILL')
  expect(() => process.kill(Number(fields.pid), 0)).toThrow('ESRCH')
  expect((await running.engine.transcribe(samples, anyOptions())).text).not.toBe('')
})

test('an aborted piece rejects at once, and the process lives on', async () => {
  await using running = anEngine()
  const samples = await clipSamples()
  await running.engine.transcribe(samples, anyOptions())
  const leaving = new AbortController()
  const left = running.engine.transcribe(samples, { ...anyOptions(), signal: leaving.signal })
  leaving.abort(new Error('call erased'))
  await expect(left).rejects.toThrow('call erased')
  expect((await running.engine.transcribe(samples, anyOptions())).text).not.toBe('')
  expect(running.lines.map(({ event }) => event)).toEqual(['engine.started'])
})

test('a port that another program took meanwhile is left for the next', async () => {
  const taken = await listen()
  const free = await listen()
  await new Promise((resolve) => free.server.close(resolve))
  const ports = [taken.port, free.port]
  await using running = anEngine({ freePort: async () => ports.shift() ?? 0 })
  try {
    expect((await running.engine.transcribe(await clipSamples(), anyOptions())).text).not.toBe('')
    expect(ports).toEqual([])
  } finally {
    taken.server.close()
  }
})

test('an engine that finds every port in use names that in its error', async () => {
  const { server, port } = await listen()
  await using running = anEngine({ freePort: async () => port, tuning: { ...workerTuning, portTries: 2 } })
  try {
    await expect(running.engine.transcribe(await clipSamples(), anyOptions())).rejects.toThrow(/no free port/)
  } finally {
    server.close()
  }
})

test('a missing program is named, with how to get it', async () => {
  await using running = anEngine({ binary: '/nowhere/whisper-server' })
  const asked = running.engine.transcribe(await clipSamples(), anyOptions())
  await expect(asked).rejects.toThrow(EngineDown)
  await expect(asked).rejects.toThrow(/\/nowhere\/whisper-server is missing: .*npm run setup:whisper/)
})

test('a program that is none is named', async () => {
  await using folder = await freshFolder()
  await writeFile(folder.file('program'), 'no program', { mode: 0o755 })
  await using running = anEngine({ binary: folder.file('program') })
  await expect(running.engine.transcribe(await clipSamples(), anyOptions())).rejects.toThrow(
    /did not start: .*npm run setup:whisper/,
  )
})

test('a damaged model is named, with how to get it again', async () => {
  await using folder = await freshFolder()
  await writeFile(folder.file('page.bin'), '<html>404</html>')
  await copyFile(demoModel, folder.file('cut.bin'))
  await truncate(folder.file('cut.bin'), 3_000_000)
  for (const name of ['page.bin', 'cut.bin']) {
    await using running = anEngine({ model: folder.file(name) })
    await expect(running.engine.transcribe(await clipSamples(), anyOptions()), name).rejects.toThrow(
      /whole ggml model\? Get it again with 'npm run model'/,
    )
  }
})

test('an argument that the program does not know is named', async () => {
  await using running = anEngine({ args: ['--no-such-thing'] })
  await expect(running.engine.transcribe(await clipSamples(), anyOptions())).rejects.toThrow(/engine-args/)
})

test('a model that does not load in time is given up, and its process is killed', async () => {
  await using folder = await freshFolder()
  await writeFile(folder.file('slow'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 })
  const tuning = { ...workerTuning, engineStartMs: 100 }
  await using running = anEngine({ binary: folder.file('slow'), tuning })
  await expect(running.engine.transcribe(await clipSamples(), anyOptions())).rejects.toThrow(
    /did not load .* choose a smaller model/,
  )
})

test('a stopped engine takes nothing more and leaves no process', async () => {
  const running = anEngine()
  await running.engine.transcribe(await clipSamples(), anyOptions())
  const { fields } = await running.logged('engine.started')
  await running.engine.stop()
  await running.engine.stop()
  expect(() => process.kill(Number(fields.pid), 0)).toThrow('ESRCH')
  await expect(running.engine.transcribe(await clipSamples(), anyOptions())).rejects.toThrow('stopped')
})
