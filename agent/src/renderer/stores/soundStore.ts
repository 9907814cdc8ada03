import type { CallId } from '@3cx-ninja/protocol'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { CallAudio, DeskBridge } from '../../ipc/channels.ts'

type Here = Extract<CallAudio, { at: 'here' }>
type Gone = Extract<CallAudio, { at: 'gone' }>
type LinePosition = { readonly part: number; readonly fromMs: number }

/**
 * Playback of one call's recording: `none` until a call is prepared or a line is played, `open` until it is closed,
 * or another call is prepared.
 */
export type Sound =
  | { readonly at: 'none' }
  | {
      readonly at: 'open'
      readonly callId: CallId
      readonly audio: Here
      readonly positionMs: number
      readonly playing: boolean
      /** The player plays, but the audio of this position has not arrived. */
      readonly waiting: boolean
      /** Share of the hub's audio that arrived on this PC, 0 to 1; unknown before its first bytes. */
      readonly fetched?: number
      /** Reason why playback stopped, each with a sentence of its own; `failed`: this PC cannot play the audio. */
      readonly failure?: Gone['why'] | 'failed'
    }
type Open = Extract<Sound, { at: 'open' }>

const SECOND_MS = 1_000

interface Needs {
  readonly bridge: Pick<DeskBridge, 'openCall' | 'onEvent'>
  /** Receives the reason when a line is played whose recording is gone. */
  readonly onGone: (why: Gone['why']) => void
}

interface Playback {
  readonly needs: Needs
  readonly player: HTMLAudioElement
  readonly store: StoreApi<{ readonly sound: Sound }>
}

/**
 * Returns the one player of the page: it plays the recording of one call at a time and moves to its lines. The player
 * knows no file and no hub: main names the address of the audio.
 */
export function createSoundStore(needs: Needs) {
  const store = createStore<{ readonly sound: Sound }>(() => ({ sound: { at: 'none' } }))
  const playback: Playback = { needs, player: new Audio(), store }
  const { player } = playback
  followPlayer(playback)
  needs.bridge.onEvent((event) => {
    const sound = now(playback)
    if (event.kind === 'fetched' && sound.at === 'open' && sound.audio.url === event.url)
      change(playback, { fetched: event.share })
  })
  return {
    store,
    /** Opens the audio without playing it; without audio the state becomes `none`. */
    prepare(callId: CallId, audio: CallAudio) {
      player.pause()
      if (audio.at === 'here') open(playback, callId, audio)
      else store.setState({ sound: { at: 'none' } })
    },
    /** Plays from the start of the line. Resolves once playback is requested; never rejects. */
    playLine: (callId: CallId, line: LinePosition) => playLine(playback, callId, line),
    /** Opens the call's audio again after a failure and continues where it stopped. Never rejects. */
    retry: () => retry(playback),
    toggle: () => (player.paused ? play(playback) : player.pause()),
    seek: (positionMs: number) => seek(playback, positionMs),
    close() {
      player.pause()
      player.removeAttribute('src')
      store.setState({ sound: { at: 'none' } })
    },
  }
}
export type SoundStore = ReturnType<typeof createSoundStore>

/** Returns the position of a line in the whole recording, in milliseconds: the start of its part and its own time. */
export function positionOf(audio: Pick<Here, 'starts'>, line: LinePosition): number {
  const part = audio.starts.find((start) => start.part === line.part)
  return (part?.atMs ?? 0) + line.fromMs
}

const now = ({ store }: Playback) => store.getState().sound

function change({ store }: Playback, changes: Partial<Open>): void {
  store.setState(({ sound }) => (sound.at === 'open' ? { sound: { ...sound, ...changes } } : {}))
}

function followPlayer(playback: Playback): void {
  const { player } = playback
  player.addEventListener('timeupdate', () =>
    change(playback, { positionMs: player.currentTime * SECOND_MS }),
  )
  player.addEventListener('play', () => change(playback, { playing: true }))
  player.addEventListener('pause', () => change(playback, { playing: false, waiting: false }))
  player.addEventListener('waiting', () => change(playback, { waiting: true }))
  player.addEventListener('playing', () => change(playback, { waiting: false }))
  player.addEventListener('error', () => void explainFailure(playback))
}

function open({ player, store }: Playback, callId: CallId, audio: Here): void {
  // Audio of the hub is fetched when a technician plays it, not when a technician reads the transcript.
  player.preload = audio.from === 'hub' ? 'none' : 'auto'
  player.src = audio.url
  store.setState({ sound: { at: 'open', callId, audio, positionMs: 0, playing: false, waiting: false } })
}

function play(playback: Playback): void {
  void playback.player.play().catch(() => change(playback, { playing: false, waiting: false }))
}

function seek(playback: Playback, positionMs: number): void {
  playback.player.currentTime = positionMs / SECOND_MS
  change(playback, { positionMs })
}

async function playLine(playback: Playback, callId: CallId, line: LinePosition): Promise<void> {
  const sound = now(playback)
  const openAudio = sound.at === 'open' && sound.callId === callId && !sound.failure ? sound.audio : undefined
  const contains = (audio: Here) => positionOf(audio, line) < audio.durationMs
  let audio = openAudio && contains(openAudio) ? openAudio : undefined
  if (!audio) {
    const answer = await playback.needs.bridge.openCall({ callId })
    if (!answer.ok) return
    if (answer.value.audio.at === 'gone') return playback.needs.onGone(answer.value.audio.why)
    audio = answer.value.audio
    open(playback, callId, audio)
  }
  seek(playback, positionOf(audio, line))
  play(playback)
}

async function retry(playback: Playback): Promise<void> {
  const sound = now(playback)
  if (sound.at !== 'open') return
  const answer = await playback.needs.bridge.openCall({ callId: sound.callId })
  if (!answer.ok) return
  const { audio } = answer.value
  if (audio.at === 'gone') return change(playback, { failure: audio.why })
  open(playback, sound.callId, audio)
  seek(playback, sound.positionMs)
  play(playback)
}

/** Asks main for the reason of a failure: the player only reports that it failed. */
async function explainFailure(playback: Playback): Promise<void> {
  const failed = now(playback)
  if (failed.at !== 'open') return
  change(playback, { playing: false, waiting: false, failure: 'failed' })
  const answer = await playback.needs.bridge.openCall({ callId: failed.callId })
  const sound = now(playback)
  if (!answer.ok || sound.at !== 'open' || sound.callId !== failed.callId) return
  const { audio } = answer.value
  if (audio.at === 'gone') change(playback, { failure: audio.why })
  else if (audio.from === 'hub') change(playback, { failure: 'hub-busy' })
}
