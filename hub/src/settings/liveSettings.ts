import type { HubSettings } from './schema.ts'

/**
 * The settings in effect with those of `next` that count at once: what agents are told, because who saves that a number is
 * never recorded means from now on. Everything else was built into the running parts at the start. The same object when
 * nothing of it changed. Rule S1.
 */
export function withLive(current: HubSettings, next: HubSettings): HubSettings {
  const { consent, optOut } = next.recording
  const taken: HubSettings = {
    ...current,
    language: next.language,
    tickets: { ...current.tickets, countdownSeconds: next.tickets.countdownSeconds },
    recording: { ...current.recording, consent, optOut },
  }
  return JSON.stringify(taken) === JSON.stringify(current) ? current : Object.freeze(taken)
}
