import { DAY_MS, type Clock } from '@3cx-ninja/protocol'
import type { Log } from '../observe/log.ts'

/** What one webhook said and what the hub did with it, for people. */
export interface WebhookEntry {
  readonly atMs: number
  readonly outcome: 'ended' | 'started' | 'refused'
  /** The HTTP status of the answer. */
  readonly status: number
  readonly message: string
  readonly extension: string | null
  /** Masked: the page is read over shoulders. */
  readonly number: string | null
  readonly callId: string | null
  /** What was read otherwise than it was sent. */
  readonly remarks: readonly string[]
}

/** The last webhooks, newest first; it starts empty with the hub. */
export interface WebhookHistory {
  add(entry: Omit<WebhookEntry, 'atMs'>): void
  list(): readonly WebhookEntry[]
  /** Writes one line a day about variables that 3CX did not fill in, with the remedy. */
  unfilled(names: readonly string[]): void
}

/** Some hours at a busy site, enough to see what a changed template does; 200 entries are some 100 kB. */
const MAX_ENTRIES = 200
const MAX_REMARKS = 10

/** Creates an empty history, which keeps the newest entries in memory only. */
export function createWebhookHistory({
  clock,
  log,
}: {
  readonly clock: Clock
  readonly log: Log
}): WebhookHistory {
  const entries: WebhookEntry[] = []
  let loggedAtMs = -Infinity
  return {
    add(entry) {
      entries.unshift({ ...entry, atMs: clock.nowMs(), remarks: entry.remarks.slice(0, MAX_REMARKS) })
      entries.length = Math.min(entries.length, MAX_ENTRIES)
    },
    list: () => entries,
    unfilled(names) {
      if (names.length === 0 || clock.monotonicMs() - loggedAtMs < DAY_MS) return
      loggedAtMs = clock.monotonicMs()
      const remedy =
        "Use the CRM template of this hub's admin page (3CX): it names only variables that exist."
      log.warn({ names: names.slice(0, 20), remedy }, 'webhook.unfilled')
    },
  }
}
