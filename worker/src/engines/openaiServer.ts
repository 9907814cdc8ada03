import { abortableSleep } from '@3cx-ninja/node-kit/abortableSleep.ts'
import { nextDelayMs, type Clock, type Random } from '@3cx-ninja/protocol'
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import type { Log } from '../log.ts'
import type { WorkerTuning } from '../tuning.ts'
import { deadlineMsFor } from './deadline.ts'
import {
  EngineBroken,
  EngineDown,
  type Engine,
  type Transcription,
  type TranscribeOptions,
} from './enginePort.ts'
import { parseVerboseJson } from './verboseJson.ts'
import { toMultipart, type Multipart } from './multipart.ts'
import { toWav } from './wav.ts'

/** What an engine on another machine needs: its address, model and key, and clock, random and tuning for retries. */
export interface OpenaiServerNeeds {
  /** The address up to and without `/audio/transcriptions`, such as `http://gpu-1:8000/v1`. */
  readonly url: string
  readonly model: string
  readonly key: string
  readonly clock: Clock
  readonly random: Random
  readonly tuning: WorkerTuning
  readonly log: Log
}

/** No answer, or one that may differ a moment later: the piece must not be given up for it. */
class ServerAway extends Error {}

/**
 * Returns an engine that asks any server of the company with OpenAI's transcription endpoint (speaches, vLLM, NVIDIA NIM …).
 * A server that is away is asked again for `engineAwayMs`; then the piece rejects with EngineDown, so that the calls go to
 * another worker.
 */
export function createOpenaiServer(needs: OpenaiServerNeeds): Engine {
  const { clock, tuning, log, url } = needs
  const stopping = new AbortController()

  const ask = async (
    samples: Int16Array,
    options: TranscribeOptions,
    signal: AbortSignal,
  ): Promise<Transcription> => {
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
    const refusal = `${url} answered ${answer.status}: ${text.slice(0, 120)}`
    if (answer.status === 408 || answer.status === 429 || answer.status >= 500) throw new ServerAway(refusal)
    if (answer.status === 400 || answer.status === 413 || answer.status === 422)
      throw new EngineBroken(refusal)
    throw new EngineDown(`${refusal}. Check --engine-url, --engine-model and --engine-key of this worker.`)
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
          const delayMs = nextDelayMs({ attempt, random: needs.random }, tuning.engineRetry)
          if (clock.monotonicMs() + delayMs > untilMs)
            throw new EngineDown(`${error.message}. Start that server, or check --engine-url.`, {
              cause: error,
            })
          log.warn({ url, cause: error.message, retryInMs: delayMs }, 'engine.away')
          await abortableSleep(clock, delayMs, signal)
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
