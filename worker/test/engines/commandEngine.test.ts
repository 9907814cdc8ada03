import { readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { expect, test } from 'vitest'
import { createCommandEngine } from '../../src/engines/commandEngine.ts'
import { EngineBroken, EngineDown } from '../../src/engines/enginePort.ts'
import { workerTuning } from '../../src/tuning.ts'
import { freshFolder } from '../../testing/freshFolder.ts'
import { anyOptions } from '../../testing/selfTestClip.ts'

const samples = new Int16Array(16_000)

/** An engine that runs this script of the shell, with what the worker fills in as its arguments. */
async function anEngine(script: string, changes: Partial<typeof workerTuning> = {}) {
  const folder = await freshFolder()
  await writeFile(folder.file('program'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const command = [folder.file('program'), '{input}', '--language={language}', '{prompt}']
  const engine = createCommandEngine({ command, clock: systemClock, tuning: { ...workerTuning, ...changes } })
  return { engine, file: folder.file, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}
const pieces = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('piece-'))

test('the program gets a WAV file and the language, and what it prints is the text', async () => {
  await using running = await anEngine('printf "%s octets\\n %s\\n" "$(wc -c < "$1" | tr -d " ")" "$2"')
  const transcription = await running.engine.transcribe(samples, anyOptions())
  expect(transcription).toEqual({ text: '32044 octets --language=fr', words: [], noSpeech: 0 })
})

test('a program that prints verbose JSON gives words too', async () => {
  await using running = await anEngine(
    `echo '{"text":"Bonjour","words":[{"word":"Bonjour","start":0,"end":0.5,"probability":0.7}]}'`,
  )
  const transcription = await running.engine.transcribe(samples, anyOptions())
  expect(transcription.words).toEqual([{ text: 'Bonjour', fromMs: 0, toMs: 500, confidence: 0.7 }])
})

test('nothing of the earlier text can become a command', async () => {
  await using running = await anEngine('echo "$3"')
  const prompt = '$(touch /tmp/owned); `id` "quoted" {input}'
  expect((await running.engine.transcribe(samples, { ...anyOptions(), prompt })).text).toBe(prompt)
})

test('a program that is not there is named', async () => {
  const engine = createCommandEngine({
    command: ['/nowhere/program'],
    clock: systemClock,
    tuning: workerTuning,
  })
  const asked = engine.transcribe(samples, anyOptions())
  await expect(asked).rejects.toThrow(EngineDown)
  await expect(asked).rejects.toThrow('Cannot start /nowhere/program: correct --engine-command.')
})

test('a program that fails breaks the piece, with its last words', async () => {
  await using running = await anEngine('echo "no memory" >&2; exit 3')
  const asked = running.engine.transcribe(samples, anyOptions())
  await expect(asked).rejects.toThrow(EngineBroken)
  await expect(asked).rejects.toThrow(/exit code 3: no memory/)
})

test('a program that does not end is killed at the deadline', async () => {
  await using running = await anEngine('exec sleep 600', { deadlineMs: 50, deadlinePerSoundSecondMs: 0 })
  await expect(running.engine.transcribe(samples, anyOptions())).rejects.toThrow(/within 50 ms: .*killed/)
})

test('a program that prints without end is killed', async () => {
  await using running = await anEngine('exec yes')
  await expect(running.engine.transcribe(samples, anyOptions())).rejects.toThrow(EngineBroken)
})

test('a stop and an aborted piece end the program; no audio file remains', async () => {
  const before = await pieces()
  await using running = await anEngine('exec sleep 600')
  const leaving = new AbortController()
  const left = running.engine.transcribe(samples, { ...anyOptions(), signal: leaving.signal })
  const wanted = running.engine.transcribe(samples, anyOptions())
  const reported = [expect(left).rejects.toThrow('erased'), expect(wanted).rejects.toThrow('stopped')]
  leaving.abort(new Error('erased'))
  await running.engine.stop()
  await Promise.all(reported)
  await expect(running.engine.transcribe(samples, anyOptions())).rejects.toThrow('stopped')
  expect((await pieces()).filter((name) => !before.includes(name))).toEqual([])
})
