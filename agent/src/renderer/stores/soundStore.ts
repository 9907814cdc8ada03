import type { CallId } from '@3cx-ninja/protocol'
import { createStore } from 'zustand/vanilla'
import type { CallAudio, DeskBridge } from '../../ipc/channels.ts'

type Here = Extract<CallAudio, { at: 'here' }>
type Gone = Extract<CallAudio, { at: 'gone' }>

/** What is being listened to. */
export type Sound =
  | { readonly at: 'none' }
  | {
      readonly at: 'open'
      readonly callId: CallId
      readonly audio: Here
      readonly positionMs: number
      readonly playing: boolean
      readonly failed: boolean
    }

const SECOND_MS = 1_000

/** One player for the page: the sound of one call at a time, moved by its lines. */
export function createSoundStore(needs: {
  readonly bridge: Pick<DeskBridge, 'openCall'>
  readonly onGone: (why: Gone['why']) => void
}) {
  const store = createStore<{ readonly sound: Sound }>(() => ({ sound: { at: 'none' } }))
  const player = new Audio()
  player.preload = 'auto'
  const change = (how: Partial<Extract<Sound, { at: 'open' }>>) =>
    store.setState(({ sound }) => (sound.at === 'open' ? { sound: { ...sound, ...how } } : {}))
  player.addEventListener('timeupdate', () => change({ positionMs: player.currentTime * SECOND_MS }))
  player.addEventListener('play', () => change({ playing: true }))
  player.addEventListener('pause', () => change({ playing: false }))
  player.addEventListener('error', () => change({ playing: false, failed: true }))

  const open = (callId: CallId, audio: Here) => {
    player.src = audio.url
    store.setState({
      sound: { at: 'open', callId, audio, positionMs: 0, playing: false, failed: false },
    })
  }
  const play = () => void player.play().catch(() => change({ playing: false }))
  const seek = (positionMs: number) => {
    player.currentTime = positionMs / SECOND_MS
    change({ positionMs })
  }

  return {
    store,
    /** Gets the sound ready without playing it; quiet when there is none. */
    prepare(callId: CallId, audio: CallAudio) {
      player.pause()
      if (audio.at === 'here') open(callId, audio)
      else store.setState({ sound: { at: 'none' } })
    },
    /** Plays from the moment that a line was said. */
    async playLine(callId: CallId, line: { readonly part: number; readonly fromMs: number }) {
      const now = store.getState().sound
      const known = now.at === 'open' && now.callId === callId ? now.audio : undefined
      const isIn = (audio: Here) => placeOf(audio, line) < audio.durationMs
      let audio = known && isIn(known) ? known : undefined
      if (!audio) {
        const answer = await needs.bridge.openCall({ callId })
        if (!answer.ok) return
        if (answer.value.audio.at === 'gone') return needs.onGone(answer.value.audio.why)
        audio = answer.value.audio
        open(callId, audio)
      }
      seek(placeOf(audio, line))
      play()
    },
    toggle: () => (player.paused ? play() : player.pause()),
    seek,
    close() {
      player.pause()
      player.removeAttribute('src')
      store.setState({ sound: { at: 'none' } })
    },
  }
}

/** Where a line stands in the whole sound: its part's beginning and its own time. */
export function placeOf(
  audio: Pick<Here, 'starts'>,
  line: { readonly part: number; readonly fromMs: number },
): number {
  const part = audio.starts.find((start) => start.part === line.part)
  return (part?.atMs ?? 0) + line.fromMs
}
export type SoundStore = ReturnType<typeof createSoundStore>
