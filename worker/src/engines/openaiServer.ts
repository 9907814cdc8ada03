import { nextDelayMs, type Clock, type Random } from '@3cx-ninja/protocol'
import { causeOf, type Log } from '../log.ts'
import type { WorkerTuning } from '../tuning.ts'
import { deadlineMsFor } from './deadline.ts'
import { EngineBroken, EngineDown, type Engine, type Heard, type TranscribeOptions } from './enginePort.ts'
import { parseVerboseJson } from './verboseJson.ts'
import { toMultipart, type Multipart } from './multipart.ts'
import { toWav } from './wav.ts'

export interface OpenaiServerNeeds {
  /** Up to and without `/audio/transcriptions`, such as `http://gpu-1:8000/v1`. */
  readonly url: string
  readonly model: string
  readonly key: string
  readonly clock: Clock
  readonly random: Random
  readonly tuning: WorkerTuning
  readonly log: Log
}

/** No answer, or one that a moment's patience may change: the sound must not be given up for it. */
class ServerAway extends Error {}

/**
 * Any server of the company with OpenAI's transcription endpoint (speaches, vLLM, NVIDIA NIM …). One that is away is asked
 * again for `engineAwayMs`; then EngineDown, so that the calls go to another worker.
 */
export function createOpenaiServer(needs: OpenaiServerNeeds): Engine {
  const { clock, tuning, log, url } = needs
  const stopping = new AbortController()

  const ask = async (
    samples: Int16Array,
    options: TranscribeOptions,
    signal: AbortSignal,
  ): Promise<Heard> => {
    const deadlineMs = deadlineMsFor(samples, tuning)
    const { body, type } = formOf(samples, needs.model, options)
    let answer: Response
    let text: string
    try {
      answer = await fetch(`${url}/audio/transcriptions`, {
        method: 'POST',
        body,
        headers: {
          'content-type': type,
          ...(needs.key === '' ? {} : { authorization: `Bearer ${needs.key}` }),
        },
        signal: AbortSignal.any([signal, clock.timeout(deadlineMs)]),
      })
      text = await answer.text()
    } catch (error) {
      throw new ServerAway(`${url} does not answer (${causeOf(error)})`, { cause: error })
    }
    if (answer.ok) return parseVerboseJson(text)
    const said = `${url} answered ${answer.status}: ${text.slice(0, 120)}`
    if (answer.status === 408 || answer.status === 429 || answer.status >= 500) throw new ServerAway(said)
    if (answer.status === 400 || answer.status === 413 || answer.status === 422) throw new EngineBroken(said)
    throw new EngineDown(`${said}. Check --engine-url, --engine-model and --engine-key of this worker.`)
  }

  return {
    async transcribe(samples, options) {
      const signal = AbortSignal.any([options.signal, stopping.signal])
      const untilMs = clock.monotonicMs() + tuning.engineAwayMs
      for (let attempt = 1; ; attempt++) {
        try {
          return await ask(samples, options, signal)
        } catch (error) {
          options.signal.throwIfAborted()
          if (stopping.signal.aborted) throw new EngineDown('the engine is stopped')
          if (!(error instanceof ServerAway)) throw error
          const delayMs = nextDelayMs({ attempt, random: needs.random }, tuning.engineAgain)
          if (clock.monotonicMs() + delayMs > untilMs)
            throw new EngineDown(`${error.message}. Start that server, or check --engine-url.`, {
              cause: error,
            })
          log.warn({ url, cause: error.message, againInMs: delayMs }, 'engine.away')
          await waitFor(clock, delayMs, signal)
        }
      }
    },
    stop: async () => stopping.abort(),
  }
}

function formOf(samples: Int16Array, model: string, { language, prompt }: TranscribeOptions): Multipart {
  const fields = {
    model,
    language,
    temperature: '0',
    response_format: 'verbose_json',
    'timestamp_granularities[]': 'word',
    ...(prompt === '' ? {} : { prompt }),
  }
  return toMultipart(fields, { name: 'piece.wav', type: 'audio/wav', bytes: toWav(samples) })
}

/** Resolves after `delayMs`, or at once when the signal aborts. */
function waitFor(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(delayMs, done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
