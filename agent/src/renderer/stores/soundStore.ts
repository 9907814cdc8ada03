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
      /** It plays, but its sound is not here yet. */
      readonly waiting: boolean
      /** How much of the hub's sound came to this PC, 0 to 1; unknown before the first of it. */
      readonly fetched?: number
      /** Why it does not play on: a sentence for each; `failed`: this machine cannot play it. */
      readonly failure?: Gone['why'] | 'failed'
    }
type Open = Extract<Sound, { at: 'open' }>

const SECOND_MS = 1_000

/** One player for the page: the sound of one call at a time, moved by its lines. */
export function createSoundStore(needs: {
  readonly bridge: Pick<DeskBridge, 'openCall' | 'onEvent'>
  readonly onGone: (why: Gone['why']) => void
}) {
  const store = createStore<{ readonly sound: Sound }>(() => ({ sound: { at: 'none' } }))
  const player = new Audio()
  const now = () => store.getState().sound
  const change = (changes: Partial<Open>) =>
    store.setState(({ sound }) => (sound.at === 'open' ? { sound: { ...sound, ...changes } } : {}))
  player.addEventListener('timeupdate', () => change({ positionMs: player.currentTime * SECOND_MS }))
  player.addEventListener('play', () => change({ playing: true }))
  player.addEventListener('pause', () => change({ playing: false, waiting: false }))
  player.addEventListener('waiting', () => change({ waiting: true }))
  player.addEventListener('playing', () => change({ waiting: false }))
  player.addEventListener('error', () => void explainFailure())
  needs.bridge.onEvent((event) => {
    const sound = now()
    if (event.kind === 'fetched' && sound.at === 'open' && sound.audio.url === event.url)
      change({ fetched: event.share })
  })

  const open = (callId: CallId, audio: Here) => {
    // What only the hub has is asked for when somebody listens, not when somebody reads.
    player.preload = audio.from === 'hub' ? 'none' : 'auto'
    player.src = audio.url
    store.setState({
      sound: { at: 'open', callId, audio, positionMs: 0, playing: false, waiting: false },
    })
  }
  const play = () => void player.play().catch(() => change({ playing: false, waiting: false }))
  const seek = (positionMs: number) => {
    player.currentTime = positionMs / SECOND_MS
    change({ positionMs })
  }
  /** The player knows only that it failed; main knows why. */
  const explainFailure = async () => {
    const before = now()
    if (before.at !== 'open') return
    change({ playing: false, waiting: false, failure: 'failed' })
    const answer = await needs.bridge.openCall({ callId: before.callId })
    const after = now()
    if (!answer.ok || after.at !== 'open' || after.callId !== before.callId) return
    const { audio } = answer.value
    if (audio.at === 'gone') change({ failure: audio.why })
    else if (audio.from === 'hub') change({ failure: 'hub-busy' })
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
      const sound = now()
      const openAudio =
        sound.at === 'open' && sound.callId === callId && !sound.failure ? sound.audio : undefined
      const isIn = (audio: Here) => positionOf(audio, line) < audio.durationMs
      let audio = openAudio && isIn(openAudio) ? openAudio : undefined
      if (!audio) {
        const answer = await needs.bridge.openCall({ callId })
        if (!answer.ok) return
        if (answer.value.audio.at === 'gone') return needs.onGone(answer.value.audio.why)
        audio = answer.value.audio
        open(callId, audio)
      }
      seek(positionOf(audio, line))
      play()
    },
    /** After a trouble: asks main anew, and goes on where it stopped. */
    async retry() {
      const sound = now()
      if (sound.at !== 'open') return
      const answer = await needs.bridge.openCall({ callId: sound.callId })
      if (!answer.ok) return
      const { audio } = answer.value
      if (audio.at === 'gone') return change({ failure: audio.why })
      open(sound.callId, audio)
      seek(sound.positionMs)
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
export function positionOf(
  audio: Pick<Here, 'starts'>,
  line: { readonly part: number; readonly fromMs: number },
): number {
  const part = audio.starts.find((start) => start.part === line.part)
  return (part?.atMs ?? 0) + line.fromMs
}
export type SoundStore = ReturnType<typeof createSoundStore>
