import { normalizeNumber } from '@3cx-ninja/phone-numbers/parseNumber.ts'
import type { AgentSettings } from '@3cx-ninja/protocol'
import type { HubSettings } from './schema.ts'

/** Asked at each fact of a call, while 5,000 opt-outs take 65 ms to be read: each frozen settings object is read once. */
const known = new WeakMap<HubSettings, AgentSettings>()

/** Returns what agents receive of the settings; the same object for the same settings. Rule S1. */
export function agentSettings(settings: HubSettings): AgentSettings {
  const message = known.get(settings) ?? messageOf(settings)
  known.set(settings, message)
  return message
}

function messageOf({ language, tickets, recording, country }: HubSettings): AgentSettings {
  const { confirmed, basis, ruleVersion, text } = recording.consent
  return {
    kind: 'agent-settings',
    language,
    country,
    countdownMs: tickets.countdownSeconds * 1_000,
    consent: { confirmed, basis, ruleVersion, text },
    optOut: {
      extensions: recording.optOut.extensions,
      numbers: recording.optOut.numbers.map((number) => normalizeNumber(number, country) ?? number),
    },
  }
}
