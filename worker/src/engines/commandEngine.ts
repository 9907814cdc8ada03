import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Clock } from '@3cx-ninja/protocol'
import { deadlineMsFor, type DeadlineTuning } from './deadline.ts'
import { EngineBroken, EngineDown, type Engine, type Transcription } from './enginePort.ts'
import { parseVerboseJson } from './verboseJson.ts'
import { toWav } from './wav.ts'

/** What the command engine needs: the command line, a clock for deadlines, and the tuning of those. */
export interface CommandEngineNeeds {
  /** Program and arguments; `{input}` becomes the path of a WAV file (16 kHz, mono), `{language}` and `{prompt}` their values. */
  readonly command: readonly string[]
  readonly clock: Clock
  readonly tuning: DeadlineTuning
}

/** More output than this is no text of one utterance. */
const MAX_OUTPUT_BYTES = 1 << 20
/** Exit codes of shells and `env` for a program that is missing. */
const MISSING_PROGRAM = [126, 127]

/**
 * Returns an engine that runs any program that prints the text of a WAV file, or JSON in the shape of `verbose_json`. The
 * program is started for each piece, without a shell, so that nothing of a call can become a command; it is killed at a
 * missed deadline.
 */
export function createCommandEngine({ command, clock, tuning }: CommandEngineNeeds): Engine {
  const stopping = new AbortController()
  const isStopped = () => stopping.signal.aborted
  return {
    async transcribe(samples, { language, prompt, signal }) {
      if (isStopped()) throw new EngineDown('the engine is stopped')
      const deadlineMs = deadlineMsFor(samples, tuning)
      const deadline = clock.timeout(deadlineMs)
      // Only this user can read the folder; the audio is removed with it in any case.
      const folder = await mkdtemp(path.join(tmpdir(), 'piece-'))
      try {
        const input = path.join(folder, 'piece.wav')
        await writeFile(input, toWav(samples), { mode: 0o600 })
        const values = { input, language, prompt }
        const filled = command.map((word) =>
          word.replaceAll(
            /\{(input|language|prompt)\}/g,
            (_whole, name: keyof typeof values) => values[name],
          ),
        )
        return textOf(await run(filled, AbortSignal.any([signal, stopping.signal, deadline])))
      } catch (error) {
        signal.throwIfAborted()
        if (isStopped()) throw new EngineDown('the engine is stopped')
        if (deadline.aborted)
          throw new EngineBroken(`no text within ${deadlineMs} ms: the program was killed`)
        throw error
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    stop: async () => stopping.abort(),
  }
}

function run([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const kill = () => void child.kill('SIGKILL')
    signal.addEventListener('abort', kill)
    let size = 0
    const output: Buffer[] = []
    let errorOutput = ''
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_OUTPUT_BYTES) kill()
      else output.push(chunk)
    })
    child.stderr.on(
      'data',
      (chunk: Buffer) => (errorOutput = (errorOutput + chunk.toString('utf8')).slice(-300)),
    )
    child.once('error', (cause) => {
      signal.removeEventListener('abort', kill)
      reject(new EngineDown(`Cannot start ${program}: correct --engine-command.`, { cause }))
    })
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', kill)
      if (code === 0) return resolve(Buffer.concat(output).toString('utf8'))
      const how = `${program} ended with ${killedBy ?? `exit code ${code ?? 1}`}: ${errorOutput.trim()}`
      reject(
        MISSING_PROGRAM.includes(code ?? 0)
          ? new EngineDown(`${how}. Correct --engine-command.`)
          : new EngineBroken(how),
      )
    })
  })
}

function textOf(output: string): Transcription {
  if (output.trimStart().startsWith('{')) return parseVerboseJson(output)
  return { text: output.replaceAll(/\s+/g, ' ').trim(), words: [], noSpeech: 0 }
}
