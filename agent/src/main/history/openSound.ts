import type { Codec, RecordingId } from '@3cx-ninja/protocol'
import type { BlockDecoder } from './blockDecoder.ts'
import type { Freshness, HubCopies } from './hubCopies.ts'
import { noSound, type NoSound } from './noSound.ts'
import { createPlayback, type Playback } from './playback.ts'
import { openLocalCopy, type LocalRecordings, type PlayedRecording } from './playedRecording.ts'

export type OpenedSound =
  | { readonly at: 'here'; readonly from: 'pc' | 'hub'; readonly playback: Playback }
  | { readonly at: 'gone'; readonly why: NoSound }

/** Resolves with the audio of a recording: this disk's copy, else the hub's, else the reason why there is none. Never rejects. */
export type OpenSound = (recordingId: RecordingId, freshness: Freshness) => Promise<OpenedSound>

export function createOpenSound(needs: {
  readonly recordings: LocalRecordings
  readonly copies: Pick<HubCopies, 'open'>
  readonly createDecoder: (codec: Codec) => BlockDecoder
}): OpenSound {
  const { recordings, copies, createDecoder } = needs
  return async (recordingId, freshness) => {
    const local = await openLocalCopy(recordings, recordingId)
    const here =
      local && createPlayback({ recording: continuedFromHub(local, recordingId, copies), createDecoder })
    if (here) return { at: 'here', from: 'pc', playback: here }
    const opened = await copies.open(recordingId, freshness)
    if (!opened.ok) return { at: 'gone', why: opened.why }
    const playback = createPlayback({ recording: opened.recording, createDecoder })
    return playback ? { at: 'here', from: 'hub', playback } : { at: 'gone', why: 'unknown' }
  }
}

/** Continues from the hub when this disk's copy is removed while somebody listens, because the hub has it safe. */
function continuedFromHub(
  local: PlayedRecording,
  recordingId: RecordingId,
  copies: Pick<HubCopies, 'open'>,
): PlayedRecording {
  return {
    parts: local.parts,
    async *records(part, sample) {
      let [next, reached] = [0, sample]
      try {
        for await (const records of local.records(part, sample)) {
          yield records
          const last = records.at(-1)
          next = (last?.sequence ?? 0) + 1
          reached = last?.firstSample ?? reached
        }
      } catch (error) {
        const opened = await copies.open(recordingId, 'recent')
        if (!opened.ok) throw noSound(opened.why, 'removed while it was heard', error)
        for await (const records of opened.recording.records(part, reached)) {
          const rest = records.filter(({ sequence }) => sequence >= next)
          if (rest.length > 0) yield rest
        }
      }
    },
  }
}
