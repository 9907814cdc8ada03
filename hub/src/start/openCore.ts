import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import { createErasureStore } from '../database/erasureStore.ts'
import { createRetentionStore } from '../database/retentionStore.ts'
import { createTranscriptStore } from '../database/transcriptStore.ts'
import { openDispatcher } from '../dispatch/dispatcher.ts'
import type { Dispatcher } from '../dispatch/ports.ts'
import { openErasures, repeatErasures, type Erasures } from '../erasures/erasures.ts'
import { startRetention, type Retention } from '../retention/retention.ts'
import { ticketTextsOf } from '../tickets/texts/ticketTextsOf.ts'
import { createTranscripts, type Transcripts } from '../transcripts/transcripts.ts'
import type { HubNeeds } from './hubNeeds.ts'
import { openFiling, type Filing } from './openFiling.ts'
import type { Storage } from './openStorage.ts'

const UNREADABLE = 'This row stays stored and is set aside; the rest of its call goes on.'

const NOT_REBUILT =
  'Make room on the disk of the data folder and restart the hub: free space of the database may still hold erased words.'

/** The nouns of the hub: what happens to a call from its audio to its ticket and its deletion. */
export interface Core {
  readonly transcripts: Transcripts
  readonly filing: Filing
  readonly dispatcher: Dispatcher
  readonly retention: Retention
  readonly erasures: Erasures
}

/**
 * Opens transcripts, filing, dispatch and retention over the storage. Knows nothing of which part receives which event: that lives in
 * wireEvents.ts. Rejects when a store cannot be read.
 */
export async function openCore(needs: HubNeeds, storage: Storage, closers: Closers): Promise<Core> {
  const { clock, random, newId, log } = needs
  const { database, metrics, recordings } = storage
  const settings = needs.settings.current
  const transcriptStore = createTranscriptStore(database, clock)
  const transcripts = createTranscripts(transcriptStore, (found) =>
    log.error({ ...found, remedy: UNREADABLE }, 'transcript.unreadable'),
  )
  const texts = () => ticketTextsOf(needs.settings.current.language)
  const erasing = {
    list: storage.erasureList,
    store: createErasureStore(database, clock, texts),
    recordings,
    clock,
    onErased: (erased: object) => log.info(erased, 'recording.erased'),
  }
  // Before any other part reads the database: a data folder from a backup holds what was erased since.
  const repeated = await repeatErasures(erasing)
  const filing = await openFiling({
    settings,
    current: () => needs.settings.current,
    database,
    transcripts,
    clock,
    random,
    newId,
    log,
    closers,
  })
  const { calls, drafts } = filing
  const erasures = await openErasures(
    {
      ...erasing,
      transcripts,
      drafts,
      onNotRebuilt: (error) =>
        log.error({ error: String(error), remedy: NOT_REBUILT }, 'erasure.free-space-left'),
    },
    repeated,
  )
  const dispatcher = await openDispatcher({
    recordings,
    transcripts,
    finals: transcriptStore,
    progress: transcriptStore,
    clock,
    newId,
    leaseMs: settings.dispatch.leaseSeconds * 1_000,
    vocabulary: settings.vocabulary,
    callOf: (callId) => calls.find(callId)?.callId ?? callId,
    phaseOf: (callId) => calls.find(callId)?.phase,
    isPresumedOver: (callId) => calls.find(callId)?.presumedOverAtMs !== undefined,
    onLag: (lagMs) => {
      metrics.finals.inc()
      metrics.utteranceLag.observe(lagMs / 1_000)
    },
    log: (event, fields) => log.info(fields, event),
  })
  closers.add('dispatcher', () => dispatcher.stop())
  const retention = startRetention({
    recordings,
    store: createRetentionStore(database),
    isOnBoard: (callId) => calls.find(callId) !== undefined,
    onForgotten: (recordingIds) => dispatcher.forget(recordingIds),
    clock,
    rules: settings.retention,
    log: (event, fields) =>
      log[event === 'retention.failed' || event === 'retention.suspended' ? 'error' : 'info'](fields, event),
  })
  closers.add('retention', () => retention.stop())
  return { transcripts, filing, dispatcher, retention, erasures }
}
