import type { Clock } from '@3cx-ninja/protocol'
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import type { Log } from '../log.ts'
import type { WorkerTuning } from '../tuning.ts'
import { deadlineMsFor } from './deadline.ts'
import {
  EngineBroken,
  EngineDown,
  type Engine,
  type TranscribeOptions,
  type Transcription,
} from './enginePort.ts'
import { toMultipart, type Multipart } from './multipart.ts'
import { parseVerboseJson } from './verboseJson.ts'
import { toWav } from './wav.ts'
import { startWhisperProcess, type WhisperProcess, type WhisperProgram } from './whisperProcess.ts'

/** What one supervised whisper-server needs: its program, a clock for deadlines, the tuning and a log. */
export interface WhisperServerNeeds {
  readonly program: WhisperProgram
  readonly clock: Clock
  readonly tuning: WorkerTuning
  readonly log: Log
  readonly freePort?: () => Promise<number>
}

interface ServerState {
  readonly needs: WhisperServerNeeds
  running: Promise<WhisperProcess> | undefined
  stopped: boolean
}

/**
 * Returns whisper.cpp's server as a supervised child process. The process is absent until the first piece, then starting,
 * running, and absent again after it died; the next piece starts it again. It is killed when it misses the deadline of a
 * piece, since a model that loops cannot be asked to stop.
 */
export function createWhisperServer(needs: WhisperServerNeeds): Engine {
  const server: ServerState = { needs, running: undefined, stopped: false }
  return {
    transcribe: (samples, options) => transcribe(server, samples, options),
    async stop() {
      server.stopped = true
      const child = await server.running?.catch(() => undefined)
      if (child) await killProcess(child)
    },
  }
}

function startProcess(server: ServerState): Promise<WhisperProcess> {
  const { program, log } = server.needs
  const starting = startWhisperProcess(program, server.needs).then((child) => {
    log.info({ pid: child.pid }, 'engine.started')
    void child.ended.then((how) => {
      if (server.running === starting) server.running = undefined
      if (!server.stopped) log.warn({ pid: child.pid, how }, 'engine.ended')
    })
    if (server.stopped) child.kill()
    return child
  })
  starting.catch(() => {
    if (server.running === starting) server.running = undefined
  })
  return starting
}

async function killProcess(child: WhisperProcess): Promise<void> {
  child.kill()
  await child.ended
}

async function transcribe(
  server: ServerState,
  samples: Int16Array,
  options: TranscribeOptions,
): Promise<Transcription> {
  if (server.stopped) throw new EngineDown('the engine is stopped')
  const { clock, tuning } = server.needs
  const child = await (server.running ??= startProcess(server))
  const deadlineMs = deadlineMsFor(samples, tuning)
  const deadline = clock.timeout(deadlineMs)
  const { body, type } = formOf(samples, options)
  try {
    const answer = await fetch(`${child.url}/inference`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
      signal: AbortSignal.any([options.signal, deadline]),
    })
    const text = await answer.text()
    if (!answer.ok) throw new EngineBroken(`whisper-server answered ${answer.status}: ${text.slice(0, 120)}`)
    return parseVerboseJson(text)
  } catch (error) {
    if (deadline.aborted) {
      await killProcess(child)
      throw new EngineBroken(`no text within ${deadlineMs} ms: the engine was killed`, { cause: error })
    }
    // After an abort the process still works on a piece that is of no use; it stays busy until then, and is not killed.
    options.signal.throwIfAborted()
    if (error instanceof EngineBroken) throw error
    // The process may be gone before its end was noticed: the next try must not find this one again.
    await killProcess(child)
    throw new EngineBroken(`whisper-server broke off (${causeOf(error)})`, { cause: error })
  }
}

function formOf(samples: Int16Array, { language, prompt, audioContext }: TranscribeOptions): Multipart {
  const fields = {
    response_format: 'verbose_json',
    language,
    temperature: '0',
    temperature_inc: '0',
    // Without it, whisper-server splits segments after 60 characters, in the middle of words.
    max_len: '10000',
    no_language_probabilities: 'true',
    ...(prompt === '' ? {} : { prompt }),
    ...(audioContext === undefined ? {} : { audio_ctx: String(audioContext) }),
  }
  return toMultipart(fields, { name: 'piece.wav', type: 'audio/wav', bytes: toWav(samples) })
}
