import type { Clock } from '@3cx-ninja/protocol'
import { causeOf, type Log } from '../log.ts'
import type { WorkerTuning } from '../tuning.ts'
import { deadlineMsFor } from './deadline.ts'
import { EngineBroken, EngineDown, type Engine } from './enginePort.ts'
import { parseVerboseJson } from './verboseJson.ts'
import { toMultipart } from './multipart.ts'
import { toWav } from './wav.ts'
import { startWhisperProcess, type WhisperProcess, type WhisperProgram } from './whisperProcess.ts'

export interface WhisperServerNeeds {
  readonly program: WhisperProgram
  readonly clock: Clock
  readonly tuning: WorkerTuning
  readonly log: Log
  readonly freePort?: () => Promise<number>
}

/**
 * whisper.cpp's server as a supervised child process. Started at the first piece, started anew after it died; killed when
 * it misses the deadline of a piece, since a model that loops cannot be asked to stop.
 */
export function createWhisperServer(needs: WhisperServerNeeds): Engine {
  const { program, clock, tuning, log } = needs
  let running: Promise<WhisperProcess> | undefined
  let stopped = false

  const begin = (): Promise<WhisperProcess> => {
    const starting = startWhisperProcess(program, needs).then((child) => {
      log.info({ pid: child.pid }, 'engine.started')
      void child.ended.then((how) => {
        if (running === starting) running = undefined
        if (!stopped) log.warn({ pid: child.pid, how }, 'engine.ended')
      })
      if (stopped) child.kill()
      return child
    })
    starting.catch(() => {
      if (running === starting) running = undefined
    })
    return starting
  }

  const drop = async (child: WhisperProcess) => {
    child.kill()
    await child.ended
  }

  return {
    async transcribe(samples, { language, prompt, audioContext, signal }) {
      if (stopped) throw new EngineDown('the engine is stopped')
      const child = await (running ??= begin())
      const deadlineMs = deadlineMsFor(samples, tuning)
      const deadline = clock.timeout(deadlineMs)
      const fields = {
        response_format: 'verbose_json',
        language,
        temperature: '0',
        temperature_inc: '0',
        // Otherwise it splits segments after 60 characters, in the middle of words.
        max_len: '10000',
        no_language_probabilities: 'true',
        ...(prompt === '' ? {} : { prompt }),
        ...(audioContext === undefined ? {} : { audio_ctx: String(audioContext) }),
      }
      const { body, type } = toMultipart(fields, {
        name: 'piece.wav',
        type: 'audio/wav',
        bytes: toWav(samples),
      })
      try {
        const answer = await fetch(`${child.url}/inference`, {
          method: 'POST',
          body,
          headers: { 'content-type': type },
          signal: AbortSignal.any([signal, deadline]),
        })
        const text = await answer.text()
        if (!answer.ok)
          throw new EngineBroken(`whisper-server answered ${answer.status}: ${text.slice(0, 120)}`)
        return parseVerboseJson(text)
      } catch (error) {
        if (deadline.aborted) {
          await drop(child)
          throw new EngineBroken(`no text within ${deadlineMs} ms: the engine was killed`, {
            cause: error,
          })
        }
        // An abort leaves the process at work on a piece nobody wants; it is busy until it is done, so let it be.
        signal.throwIfAborted()
        if (error instanceof EngineBroken) throw error
        // Gone before we saw it end: the next try must not find this one again.
        await drop(child)
        throw new EngineBroken(`whisper-server broke off (${causeOf(error)})`, { cause: error })
      }
    },
    async stop() {
      stopped = true
      const child = await running?.catch(() => undefined)
      if (child) await drop(child)
    },
  }
}
