import type { SoundPageMessage, SoundPageRequest } from '../ipc/soundMessages.ts'
import { openLoopback, openMicrophone, stopAll } from './openSound.ts'
import { readTrack } from './readTrack.ts'

/** What a MessagePort offers, as far as it is needed. */
export interface SoundPort {
  postMessage(message: SoundPageMessage): void
  onmessage: ((event: { readonly data: SoundPageRequest }) => void) | null
}

export interface SoundPageNeeds {
  readonly port: SoundPort
  readonly devices: MediaDevices
}

interface Run {
  readonly run: number
  readonly followsDefault: boolean
  close(): void
}

/**
 * Opens and closes sound as main wishes, and hands its blocks on. Everything here is driven by messages and by the sound
 * itself; nothing waits for a timer or a frame, which Chromium slows down in a page that nobody sees.
 */
export function startSoundPage({ port, devices }: SoundPageNeeds): void {
  const runs = new Map<'agent' | 'caller', Run>()
  // Nothing is transferred: a message with a transferred buffer reaches Electron's main empty (electron/electron#34905).
  /** When a channel was opened last. */
  let defaultName: string | undefined
  const tell = (message: SoundPageMessage) => port.postMessage(message)

  const close = (channel: 'agent' | 'caller') => {
    runs.get(channel)?.close()
    runs.delete(channel)
  }
  const open = async (request: Extract<SoundPageRequest, { kind: 'open' }>) => {
    const { channel, run } = request
    close(channel)
    const closing = new AbortController()
    const { signal } = closing
    runs.set(channel, {
      run,
      followsDefault: request.what === 'microphone' && !request.deviceId,
      close: () => closing.abort(),
    })
    const lost = (reason: string, detail: string) => {
      if (signal.aborted) return
      close(channel)
      tell({ kind: 'lost', channel, run, reason: reason.slice(0, 80), detail: detail.slice(0, 400) })
    }
    try {
      const { stream, label, standIn, echo } = await (request.what === 'microphone'
        ? openMicrophone(devices, request.deviceId)
        : openLoopback(devices))
      if (signal.aborted) return stopAll(stream)
      signal.addEventListener('abort', () => stopAll(stream), { once: true })
      const [track] = stream.getAudioTracks()
      if (!track) return lost('NotReadableError', label)
      track.onended = () => lost('ended', label)
      defaultName = nameOfDefault(await devices.enumerateDevices())
      tell({ kind: 'opened', channel, run, label: label.slice(0, 400), standIn, echo })
      await readTrack(
        track,
        (block) => {
          if (!signal.aborted) tell({ kind: 'block', channel, run, ...block })
        },
        signal,
      )
      lost('ended', label)
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      lost(name, message)
    }
  }

  const list = async () => {
    const all = await devices.enumerateDevices()
    const microphones = all
      .filter(
        ({ kind, deviceId }) => kind === 'audioinput' && !['default', 'communications'].includes(deviceId),
      )
      .slice(0, 200)
      .map(({ deviceId, label }) => ({ id: deviceId, label: label.slice(0, 400) }))
    tell({ kind: 'devices', microphones })
    return nameOfDefault(all)
  }
  const look = async () => {
    const now = await list()
    const isOther = defaultName !== undefined && now !== defaultName
    defaultName = now
    if (!isOther) return
    // Chromium stays with the device that was the default when it was opened.
    for (const [channel, { run, followsDefault }] of runs) {
      if (!followsDefault) continue
      close(channel)
      tell({ kind: 'lost', channel, run, reason: 'default-changed', detail: now.slice(0, 400) })
    }
  }

  devices.addEventListener('devicechange', () => void look())
  port.onmessage = ({ data }) => {
    switch (data.kind) {
      case 'open':
        return void open(data)
      case 'close':
        return close(data.channel)
      case 'list':
        return void look()
    }
  }
  tell({ kind: 'ready' })
}

function nameOfDefault(all: readonly MediaDeviceInfo[]): string {
  const inputs = all.filter(({ kind }) => kind === 'audioinput')
  const entry = inputs.find(({ deviceId }) => deviceId === 'default') ?? inputs[0]
  return entry ? `${entry.groupId} ${entry.label}` : ''
}
