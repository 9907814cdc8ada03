import type { StoredRecording } from '@3cx-ninja/protocol'
import { wake, type HubCopyNeeds, type HubCopyState } from './hubCopyState.ts'
import type { NoSound } from './noSound.ts'
import type { PlayedRecording } from './playedRecording.ts'
import { recordsOf } from './readCopy.ts'

export interface HubCopy {
  recording(): PlayedRecording
  /** Applies a newer description of what the hub stores: it is more, where the recording grew. */
  update(stored: StoredRecording): void
  /** Ends the copy for every listener. Resolves when no request is under way any more; never rejects. */
  end(why: NoSound): Promise<void>
}

/**
 * Returns one recording of the hub's, to be heard while it arrives. The copy rests until somebody listens; then it is filled in the
 * background, part after part, until it is whole or a failure returns it to rest; `end` is final. Knows nothing of players and HTTP:
 * those live in playback.ts and hubSound.ts.
 */
export function createHubCopy(needs: HubCopyNeeds): HubCopy {
  const state: HubCopyState = {
    needs,
    ending: new AbortController(),
    stored: needs.stored,
    endedBecause: undefined,
    fill: { at: 'rest' },
    filling: Promise.resolve(),
    cached: new Map(),
    short: new Map(),
    waiting: [],
    reportedMs: -Infinity,
  }
  return {
    recording: () => ({
      parts: state.stored.parts.map(({ header, samples }) => ({
        part: header.part,
        codec: header.codec,
        samples,
      })),
      async *records(number, sample) {
        const part = state.stored.parts.find(({ header }) => header.part === number)
        if (part) yield* recordsOf(state, part, sample)
      },
    }),
    update(stored) {
      state.stored = stored
    },
    async end(why) {
      state.endedBecause = why
      state.ending.abort()
      wake(state)
      await state.filling
    },
  }
}
