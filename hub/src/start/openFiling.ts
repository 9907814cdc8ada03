import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Clock, Random } from '@3cx-ninja/protocol'
import { openCalls, type Calls } from '../calls/calls.ts'
import type { Database } from '../database/openDatabase.ts'
import { createCallStore, createDraftStore, createOutboxStore } from '../database/stores.ts'
import type { Helpdesk } from '../helpdesk/helpdesk.ts'
import { withoutPersonal } from '../masking/maskPersonal.ts'
import type { Log } from '../observe/log.ts'
import type { HubSettings } from '../settings/schema.ts'
import { createAnalyse } from '../tickets/analysis/createAnalyse.ts'
import { openDrafts, type Drafts } from '../tickets/drafts.ts'
import { openOutbox } from '../tickets/outbox/outbox.ts'
import type { Outbox } from '../tickets/outbox/ports.ts'
import { ticketTextsOf } from '../tickets/texts/ticketTextsOf.ts'
import type { Transcripts } from '../transcripts/transcripts.ts'
import { openHelpdesk } from './openHelpdesk.ts'

export interface FilingNeeds {
  readonly settings: HubSettings
  /** As saved now: a new countdown takes effect with the next one, a new language with the next text. */
  readonly current: () => Pick<HubSettings, 'tickets' | 'language'>
  readonly database: Database
  readonly transcripts: Transcripts
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Log
  readonly closers: Closers
}

export interface Filing {
  readonly helpdesk: Helpdesk
  readonly calls: Calls
  readonly outbox: Outbox
  readonly drafts: Drafts
}

/** Opens the parts from a call's facts to its ticket: helpdesk, call board, outbox, drafts. Rejects when the database cannot be read. */
export async function openFiling(needs: FilingNeeds): Promise<Filing> {
  const { settings, database, transcripts, clock, random, newId, log, closers } = needs
  const nowMs = () => clock.nowMs()
  const helpdesk = await openHelpdesk(needs)
  closers.add('helpdesk', () => helpdesk.stop())
  const calls = await openCalls({
    store: createCallStore(database),
    clock,
    newId,
    country: settings.country,
    identify: (number) => helpdesk.directory.identify(number),
    onUnreadable: (found) => log.error(found, 'call.unreadable'),
  })
  closers.add('calls', () => calls.stop())
  const { tickets } = settings
  const outbox = await openOutbox({
    store: createOutboxStore(database),
    tickets: helpdesk.tickets,
    clock,
    random,
    rules: {
      settleMs: tickets.settleSeconds * 1_000,
      retry: { firstMs: 2_000, maxMs: 300_000, factor: 2 },
    },
    onEvent: (level, event, fields) => log[level](fields, event),
  })
  closers.add('outbox', () => outbox.stop())
  const texts = () => ticketTextsOf(needs.current().language)
  const drafts = await openDrafts({
    store: createDraftStore(database, nowMs),
    outbox,
    helpdesk,
    clock,
    newId,
    rules: {
      get countdownMs() {
        return needs.current().tickets.countdownSeconds * 1_000
      },
      undoMs: tickets.undoSeconds * 1_000,
      parkAfterMs: tickets.parkAfterSeconds * 1_000,
      onCountdownEnd: tickets.onCountdownEnd,
      fileUnattended: tickets.fileUnattended,
    },
    maxWaitMs: tickets.maxWaitSeconds * 1_000,
    analyse: createAnalyse({
      settings: settings.analysis,
      clock,
      texts,
      onFallback: (error) => log.warn({ error: String(error) }, 'analysis.fell-back-to-rules'),
    }),
    texts,
    async utterancesOf(callId) {
      const finals = await transcripts.finalsOf(callId)
      return needs.current().tickets.maskPersonal ? withoutPersonal(finals, settings.country) : finals
    },
    onFailure: (event, error) => log.error({ error: String(error) }, event),
  })
  closers.add('drafts', () => drafts.stop())
  return { helpdesk, calls, outbox, drafts }
}
