import type { AgentSettings } from '@3cx-ninja/protocol'
import { toE164 } from '../ninjaone/phoneNumbers.ts'
import type { HubSettings } from './schema.ts'

/** What agents are told of the settings. Rule S1. */
export function agentSettings({ language, tickets, recording, ninjaone }: HubSettings): AgentSettings {
  const { confirmed, basis, ruleVersion, text } = recording.consent
  const numbers = recording.optOut.numbers.map(
    (number) => toE164(number, ninjaone.defaultCountry as 'FR') ?? number, // any two capital letters; unknown ones normalize nothing
  )
  return {
    kind: 'agent-settings',
    language,
    countdownMs: tickets.countdownSeconds * 1_000,
    consent: { confirmed, basis, ruleVersion, text },
    optOut: { extensions: recording.optOut.extensions, numbers },
  }
}
