import type { Clock } from '@3cx-ninja/protocol'
import type { HubSettings } from '../../settings/schema.ts'
import type { Analyse } from './analysis.ts'
import { createLlmAnalyse } from './llm.ts'
import { createRulesAnalyse } from './rules.ts'
import type { TicketTexts } from '../texts/ticketTexts.ts'

/** Returns the analysis that the settings choose; when the endpoint fails, `onFallback` gets its error and the rules answer. */
export function createAnalyse({
  settings,
  clock,
  texts,
  onFallback,
}: {
  readonly settings: HubSettings['analysis']
  readonly clock: Clock
  readonly texts: () => TicketTexts
  readonly onFallback: (error: unknown) => void
}): Analyse {
  const byRules = createRulesAnalyse(texts)
  if (settings.kind === 'rules' || !settings.url) return byRules
  const ask = createLlmAnalyse({
    url: settings.url,
    model: settings.model,
    timeoutMs: settings.timeoutSeconds * 1_000,
    clock,
    texts,
  })
  // While the call goes on, the rules answer: a model asked every second or two would be busy with nothing else.
  return (call, utterances, stage) =>
    stage === 'live'
      ? byRules(call, utterances, stage)
      : ask(call, utterances, stage).catch((error: unknown) => {
          onFallback(error)
          return byRules(call, utterances, stage)
        })
}
