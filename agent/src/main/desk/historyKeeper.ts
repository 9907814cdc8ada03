import type { CallId, CallSnapshot, Clock, RecordingId } from '@3cx-ninja/protocol'
import type { DraftCard } from '../drafts/draftBoard.ts'
import type { History } from '../history/historyStore.ts'
import type { KeptCall } from '../history/keptCall.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { localCallId, type DeskInput, type DeskState } from './deskState.ts'
import { settleLines } from './transcripts.ts'
import type { DeskTuning } from './tuning.ts'

/** Writes calls into the history as they change: the words some seconds behind, many at once; erased ones without words. */
export function createHistoryKeeper(needs: {
  readonly clock: Clock
  readonly log: Logger
  readonly tuning: Pick<DeskTuning, 'keepMs'>
  readonly history: Pick<History, 'open' | 'keep' | 'withRecording'>
  readonly cards: () => readonly DraftCard[]
}) {
  const { clock, log, history } = needs
  const dirty = new Set<CallId>()
  /** Recordings erased after their call left the memory: their words are on disk only. */
  const erased = new Set<RecordingId>()
  let cancel: (() => void) | undefined
  let writing: Promise<void> = Promise.resolve()

  const keptOf = async (callId: CallId, state: DeskState): Promise<KeptCall | undefined> => {
    const draft = needs.cards().find((card) => localCallId(state, card.draft.callId) === callId)?.draft
    const entry = state.calls.get(callId)
    const changedAtMs = clock.nowMs()
    if (entry) {
      const lines = settleLines(state.transcripts.get(callId) ?? [])
      const { call, canonicalId, caller } = entry
      // The hub forgets a decided draft before we do.
      const kept = await history.open(callId)
      const made = draft ?? kept?.draft
      // After a restart in mid-call only the newest lines come again.
      const older = call.recording === 'erased' ? [] : (kept?.lines ?? [])
      const missing = older.filter(({ id }) => !lines.some((line) => line.id === id))
      return {
        version: 1,
        call,
        ...(canonicalId ? { canonicalId } : {}),
        ...(caller ? { caller } : {}),
        ...(made ? { draft: made } : {}),
        lines: [...missing, ...lines].sort((a, b) => a.part - b.part || a.fromMs - b.fromMs),
        changedAtMs,
      }
    }
    const kept = await history.open(callId)
    return kept && draft ? { ...kept, draft, changedAtMs } : undefined
  }
  const write = (state: DeskState) => {
    // By now the history may have told whose draft came under the hub's name.
    const ids = new Set([...dirty].map((callId) => localCallId(state, callId)))
    dirty.clear()
    writing = writing.then(async () => {
      for (const callId of ids) {
        try {
          const kept = await keptOf(callId, state)
          if (kept) await history.keep(kept)
        } catch (error) {
          dirty.add(callId) // with the next change, or at the end
          log.error({ callId, cause: causeOf(error) }, 'history.not-kept')
        }
      }
      for (const recordingId of [...erased]) {
        try {
          const kept = await history.withRecording(recordingId)
          if (kept) await history.keep({ ...kept, call: { ...kept.call, recording: 'erased' }, lines: [] })
          erased.delete(recordingId)
        } catch (error) {
          log.error({ recordingId, cause: causeOf(error) }, 'history.not-erased')
        }
      }
    })
    return writing
  }
  let latest: DeskState | undefined

  return {
    changed(input: DeskInput, previous: DeskState, state: DeskState) {
      latest = state
      if (input.kind === 'recording' && input.state === 'erased') {
        erased.add(input.recordingId)
        void write(state)
        return
      }
      const callId = changedCall(input, state)
      if (!callId) return
      dirty.add(callId)
      const call = state.calls.get(callId)?.call
      const erasedNow =
        call?.recording === 'erased' && previous.calls.get(callId)?.call.recording !== 'erased'
      if (erasedNow) {
        void write(state)
        return
      }
      cancel ??= clock.after(needs.tuning.keepMs, () => {
        cancel = undefined
        if (latest) void write(latest)
      })
    },
    /** Writes now what would be written soon. */
    async flush(state: DeskState) {
      cancel?.()
      cancel = undefined
      await write(state)
    },
  }
}

/** It rings, or a colleague took it: nothing to look for later. */
const isNobodysHere = ({ phase, talkingSinceMs }: CallSnapshot) =>
  phase === 'ringing' || (phase === 'done' && talkingSinceMs === undefined)

function changedCall(input: DeskInput, state: DeskState): CallId | undefined {
  switch (input.kind) {
    case 'call':
      return isNobodysHere(input.call) ? undefined : input.call.callId
    case 'identified':
    case 'marked':
    case 'device':
      return input.callId
    case 'draft':
      return localCallId(state, input.callId)
    case 'utterance':
      return input.utterance.state === 'final' ? localCallId(state, input.callId) : undefined
    case 'enrolled':
    case 'link':
    case 'settings':
    case 'recording':
    case 'pending-change':
    case 'alarm':
    case 'user-error':
    case 'asked-to-start':
    case 'remembered':
    case 'dismissed':
      return undefined
  }
}
