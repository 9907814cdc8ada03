import type { SoundPageMessage, SoundPageRequest } from '../ipc/soundMessages.ts'
import { openLoopback, openMicrophone, stopAll } from './openSound.ts'
import { readTrack } from './readTrack.ts'

/** The part of a MessagePort that the page uses. */
export interface SoundPort {
  postMessage(message: SoundPageMessage): void
  onmessage: ((event: { readonly data: SoundPageRequest }) => void) | null
}

export interface SoundPageNeeds {
  readonly port: SoundPort
  readonly devices: MediaDevices
}

type PageChannel = 'agent' | 'caller'
type OpenRequest = Extract<SoundPageRequest, { kind: 'open' }>

interface Run {
  readonly run: number
  readonly followsDefault: boolean
  readonly closing: AbortController
}

interface PageState {
  readonly devices: MediaDevices
  /** Transfers nothing: a message with a transferred buffer reaches Electron's main empty (electron/electron#34905). */
  readonly post: (message: SoundPageMessage) => void
  readonly runs: Map<PageChannel, Run>
  /** Name of the system's default microphone when a channel was opened last. */
  defaultName: string | undefined
}

/**
 * Opens and closes sound as main requests, and posts its blocks. Messages and the sound itself drive everything here; nothing
 * waits for a timer or a frame, which Chromium slows down in a page that is not visible. A channel is closed, opening or open;
 * 'lost' closes it, and main decides about the next opening. Knows nothing of files, calls and retries: those live in main.
 */
export function startSoundPage({ port, devices }: SoundPageNeeds): void {
  const page: PageState = {
    devices,
    post: (message) => port.postMessage(message),
    runs: new Map(),
    defaultName: undefined,
  }
  devices.addEventListener('devicechange', () => void checkDevices(page))
  port.onmessage = ({ data }) => {
    switch (data.kind) {
      case 'open':
        return void open(page, data)
      case 'close':
        return close(page, data.channel)
      case 'list':
        return void checkDevices(page)
    }
  }
  page.post({ kind: 'ready' })
}

function close({ runs }: PageState, channel: PageChannel): void {
  runs.get(channel)?.closing.abort()
  runs.delete(channel)
}

async function open(page: PageState, request: OpenRequest): Promise<void> {
  const { channel, run } = request
  close(page, channel)
  const closing = new AbortController()
  const followsDefault = request.what === 'microphone' && !request.deviceId
  page.runs.set(channel, { run, followsDefault, closing })
  const lose = (reason: string, detail: string) => {
    if (closing.signal.aborted) return
    close(page, channel)
    page.post({ kind: 'lost', channel, run, reason: reason.slice(0, 80), detail: detail.slice(0, 400) })
  }
  try {
    await read(page, request, { signal: closing.signal, lose })
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    lose(name, message)
  }
}

/** Opens the device of the request and posts its blocks until it ends or the signal aborts. */
async function read(
  page: PageState,
  { channel, run, what, deviceId }: OpenRequest,
  { signal, lose }: { readonly signal: AbortSignal; readonly lose: (reason: string, detail: string) => void },
): Promise<void> {
  const { devices, post } = page
  const { stream, label, standIn, echo } = await (what === 'microphone'
    ? openMicrophone(devices, deviceId)
    : openLoopback(devices))
  if (signal.aborted) return stopAll(stream)
  signal.addEventListener('abort', () => stopAll(stream), { once: true })
  const [track] = stream.getAudioTracks()
  if (!track) return lose('NotReadableError', label)
  track.onended = () => lose('ended', label)
  page.defaultName = nameOfDefault(await devices.enumerateDevices())
  post({ kind: 'opened', channel, run, label: label.slice(0, 400), standIn, echo })
  await readTrack(
    track,
    (block) => {
      if (!signal.aborted) post({ kind: 'block', channel, run, ...block })
    },
    signal,
  )
  lose('ended', label)
}

/** Posts the list of microphones, and closes the channels that follow a default which has changed. */
async function checkDevices(page: PageState): Promise<void> {
  const next = await listMicrophones(page)
  const isOther = page.defaultName !== undefined && next !== page.defaultName
  page.defaultName = next
  if (!isOther) return
  // Chromium stays with the device that was the default when it was opened.
  for (const [channel, { run, followsDefault }] of page.runs) {
    if (!followsDefault) continue
    close(page, channel)
    page.post({ kind: 'lost', channel, run, reason: 'default-changed', detail: next.slice(0, 400) })
  }
}

async function listMicrophones({ devices, post }: PageState): Promise<string> {
  const all = await devices.enumerateDevices()
  const microphones = all
    .filter(
      ({ kind, deviceId }) => kind === 'audioinput' && !['default', 'communications'].includes(deviceId),
    )
    .slice(0, 200)
    .map(({ deviceId, label }) => ({ id: deviceId, label: label.slice(0, 400) }))
  post({ kind: 'devices', microphones })
  return nameOfDefault(all)
}

function nameOfDefault(all: readonly MediaDeviceInfo[]): string {
  const inputs = all.filter(({ kind }) => kind === 'audioinput')
  const entry = inputs.find(({ deviceId }) => deviceId === 'default') ?? inputs[0]
  return entry ? `${entry.groupId} ${entry.label}` : ''
}
