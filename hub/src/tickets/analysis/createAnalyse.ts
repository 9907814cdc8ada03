import type { Clock } from '@3cx-ninja/protocol'
import type { HubSettings } from '../../settings/schema.ts'
import type { Analyse } from './analysis.ts'
import { createLlmAnalyse } from './llm.ts'
import { analyseByRules } from './rules.ts'

/** The analysis that the settings choose; the endpoint's failure falls back to the rules. */
export function createAnalyse(
  settings: HubSettings['analysis'],
  clock: Clock,
  onFallback: (error: unknown) => void,
): Analyse {
  if (settings.kind === 'rules' || !settings.url) return analyseByRules
  const ask = createLlmAnalyse({
    url: settings.url,
    model: settings.model,
    timeoutMs: settings.timeoutSeconds * 1_000,
    clock,
  })
  // Live, the rules do: a model that is asked every second or two would be busy with nothing else.
  return (call, utterances, stage) =>
    stage === 'live'
      ? analyseByRules(call, utterances, stage)
      : ask(call, utterances, stage).catch((error: unknown) => {
          onFallback(error)
          return analyseByRules(call, utterances, stage)
        })
}
