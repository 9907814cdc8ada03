import { SAMPLE_RATE_HZ, type Clock } from '@3cx-ninja/protocol'
import { causeOf } from '../log.ts'
import type { WorkerTuning } from '../tuning.ts'
import { EngineBroken, EngineDown, type Engine } from './enginePort.ts'
import { parseVerboseJson } from './verboseJson.ts'
import { toWav } from './wav.ts'

export interface OpenaiServerNeeds {
  /** Up to and without `/audio/transcriptions`, such as `http://gpu-1:8000/v1`. */
  readonly url: string
  readonly model: string
  readonly key: string
  readonly clock: Clock
  readonly tuning: WorkerTuning
}

/** Any server of the company with OpenAI's transcription endpoint (speaches, vLLM, NVIDIA NIM …). */
export function createOpenaiServer(needs: OpenaiServerNeeds): Engine {
  const { clock, tuning } = needs
  const stopping = new AbortController()
  return {
    async transcribe(samples, { language, prompt, signal }) {
      const deadlineMs =
        tuning.deadlineMs + (samples.length / SAMPLE_RATE_HZ) * tuning.deadlinePerSoundSecondMs
      const form = new FormData()
      form.append('model', needs.model)
      form.append('language', language)
      form.append('temperature', '0')
      form.append('response_format', 'verbose_json')
      form.append('timestamp_granularities[]', 'word')
      if (prompt !== '') form.append('prompt', prompt)
      form.append('file', new Blob([toWav(samples)], { type: 'audio/wav' }), 'piece.wav')
      let answer: Response
      let text: string
      try {
        answer = await fetch(`${needs.url}/audio/transcriptions`, {
          method: 'POST',
          body: form,
          headers: needs.key === '' ? {} : { authorization: `Bearer ${needs.key}` },
          signal: AbortSignal.any([signal, stopping.signal, clock.timeout(deadlineMs)]),
        })
        text = await answer.text()
      } catch (error) {
        signal.throwIfAborted()
        throw new EngineBroken(`${needs.url} does not answer (${causeOf(error)})`, { cause: error })
      }
      if ([401, 403, 404].includes(answer.status)) {
        throw new EngineDown(
          `${needs.url} answered ${answer.status}: check engine.url, engine.model and engine.key of the worker's settings.`,
        )
      }
      if (!answer.ok) throw new EngineBroken(`${needs.url} answered ${answer.status}: ${text.slice(0, 120)}`)
      return parseVerboseJson(text)
    },
    stop: async () => stopping.abort(),
  }
}
