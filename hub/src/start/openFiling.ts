import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Clock, Random } from '@3cx-ninja/protocol'
import { openCalls, type Calls } from '../calls/calls.ts'
import type { Database } from '../database/openDatabase.ts'
import {
  createCallStore,
  createContactStore,
  createDraftStore,
  createOutboxStore,
  createTokenStore,
} from '../database/stores.ts'
import { openNinjaOne, type NinjaOne } from '../ninjaone/ninjaone.ts'
import type { Log } from '../observe/log.ts'
import type { HubSettings } from '../settings/schema.ts'
import { createAnalyse } from '../tickets/analysis/createAnalyse.ts'
import { openDrafts, type Drafts } from '../tickets/drafts.ts'
import { noTicketSystem } from '../tickets/noTicketSystem.ts'
import { openOutbox } from '../tickets/outbox/outbox.ts'
import type { Outbox } from '../tickets/outbox/ports.ts'
import type { Transcripts } from '../transcripts/transcripts.ts'

export interface FilingNeeds {
  readonly settings: HubSettings
  /** As it is set now: a saved one counts from the next countdown on. */
  readonly countdownSeconds: () => number
  readonly database: Database
  readonly transcripts: Transcripts
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Log
  readonly closers: Closers
}

export interface Filing {
  /** undefined: no account is set. */
  readonly ninjaone: NinjaOne | undefined
  readonly calls: Calls
  readonly outbox: Outbox
  readonly drafts: Drafts
}

/** From the call's facts to the ticket: who calls, the call board, the outbox, the drafts. */
export async function openFiling(needs: FilingNeeds): Promise<Filing> {
  const { settings, database, transcripts, clock, random, newId, log, closers } = needs
  const nowMs = () => clock.nowMs()
  const ninjaone = await openAccount(needs)
  if (ninjaone) closers.add('ninjaone', () => ninjaone.stop())
  const calls = await openCalls({
    store: createCallStore(database),
    clock,
    newId,
    country: settings.ninjaone.defaultCountry,
    identify: (number) => ninjaone?.contacts.identify(number),
  })
  closers.add('calls', () => calls.stop())
  const { tickets } = settings
  const outbox = await openOutbox({
    store: createOutboxStore(database),
    system: ninjaone?.system ?? noTicketSystem,
    clock,
    random,
    rules: {
      settleMs: tickets.settleSeconds * 1_000,
      retry: { firstMs: 2_000, maxMs: 300_000, factor: 2 },
    },
    onEvent: (level, event, fields) => log[level](fields, event),
  })
  closers.add('outbox', () => outbox.stop())
  const drafts = await openDrafts({
    store: createDraftStore(database, nowMs),
    outbox,
    clock,
    newId,
    rules: {
      get countdownMs() {
        return needs.countdownSeconds() * 1_000
      },
      undoMs: tickets.undoSeconds * 1_000,
      parkAfterMs: tickets.parkAfterSeconds * 1_000,
      onCountdownEnd: tickets.onCountdownEnd,
      fileUnattended: tickets.fileUnattended,
    },
    maxWaitMs: tickets.maxWaitSeconds * 1_000,
    analyse: createAnalyse(settings.analysis, clock, (error) =>
      log.warn({ error: String(error) }, 'analysis.fell-back-to-rules'),
    ),
    linesOf: (callId) => transcripts.linesOf(callId),
    organizationForUnknown: settings.ninjaone.organizationId?.toString() ?? null,
    onFailure: (what, error) => log.error({ error: String(error) }, what),
  })
  closers.add('drafts', () => drafts.stop())
  return { ninjaone, calls, outbox, drafts }
}

async function openAccount({
  settings: { ninjaone },
  database,
  clock,
  log,
}: FilingNeeds): Promise<NinjaOne | undefined> {
  const { host, clientId, clientSecret, requestsPerSecond } = ninjaone
  if (!host || !clientId || !clientSecret) return undefined
  const nowMs = () => clock.nowMs()
  return openNinjaOne({
    account: { host, clientId, clientSecret, requestsPerSecond },
    mapping: { ...ninjaone, host },
    country: ninjaone.defaultCountry,
    tokens: createTokenStore(database, nowMs),
    contactStore: createContactStore(database, nowMs),
    clock,
    onEvent: (event, fields) => log[event === 'contacts.loaded' ? 'info' : 'warn'](fields, event),
  })
}
