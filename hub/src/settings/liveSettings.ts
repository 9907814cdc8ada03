import type { HubSettings } from './schema.ts'

/**
 * Returns the settings in effect after a save: those that agents receive take effect at once, because a number saved as
 * never recorded must not be recorded from that moment. Every other setting is built into the running parts and takes
 * effect at the next start. Returns the same object when nothing of it changed. Rule S1.
 */
export function withLive(current: HubSettings, next: HubSettings): HubSettings {
  const { consent, optOut } = next.recording
  const live: HubSettings = {
    ...current,
    language: next.language,
    tickets: {
      ...current.tickets,
      countdownSeconds: next.tickets.countdownSeconds,
      maskPersonal: next.tickets.maskPersonal,
    },
    recording: { ...current.recording, consent, optOut },
  }
  return JSON.stringify(live) === JSON.stringify(current) ? current : Object.freeze(live)
}
