/** Echo canceller that removes from the microphone what the loudspeakers play. */
export type EchoMode = 'all' | 'page' | 'off'

export interface OpenedSound {
  readonly stream: MediaStream
  readonly label: string
  readonly standIn: boolean
  readonly echo: EchoMode
}

/** Speech is recorded as it is: Whisper copes better with noise than with what a noise gate leaves. */
const PLAIN = { noiseSuppression: false, autoGainControl: false, channelCount: 1 }

/**
 * Resolves with the microphone and the strongest echo canceller that this Chromium has. `all` removes what any program plays,
 * such as the caller's voice from the 3CX client; the ordinary one removes only what Chromium itself plays. Rejects with a DOMException.
 */
export async function openMicrophone(
  devices: MediaDevices,
  deviceId: string | undefined,
): Promise<OpenedSound> {
  const wanted = deviceId ? { deviceId: { exact: deviceId } } : {}
  try {
    return { ...(await withEcho(devices, wanted)), standIn: false }
  } catch (error) {
    const isMissing =
      error instanceof DOMException && ['OverconstrainedError', 'NotFoundError'].includes(error.name)
    if (!deviceId || !isMissing) throw error
    return { ...(await withEcho(devices, {})), standIn: true }
  }
}

async function withEcho(devices: MediaDevices, wanted: MediaTrackConstraints) {
  const open = (echoCancellation: unknown) =>
    devices.getUserMedia({
      // 'all' is newer than TypeScript's description of the constraint
      audio: { ...PLAIN, ...wanted, echoCancellation: echoCancellation as boolean },
    })
  const ordinary = await open(true)
  const track = trackOf(ordinary)
  const modes: unknown = track.getCapabilities().echoCancellation
  if (Array.isArray(modes) && modes.includes('all')) {
    const best = await open({ exact: 'all' }).catch(() => undefined)
    if (best) {
      stopAll(ordinary)
      return { stream: best, label: trackOf(best).label, echo: 'all' as const }
    }
  }
  return {
    stream: ordinary,
    label: track.label,
    echo: track.getSettings().echoCancellation ? 'page' : 'off',
  } as const
}

/** Resolves with what the PC plays, through the screen sharing that main grants without a question. Rejects where Chromium gives no sound. */
export async function openLoopback(devices: MediaDevices): Promise<OpenedSound> {
  const stream = await devices.getDisplayMedia({
    video: true, // Chromium refuses a request without video
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  })
  const [track] = stream.getAudioTracks()
  if (!track) {
    stopAll(stream)
    throw new DOMException('the system shares no sound', 'NotSupportedError')
  }
  for (const video of stream.getVideoTracks()) {
    video.stop()
    stream.removeTrack(video)
  }
  return { stream, label: track.label, standIn: false, echo: 'off' }
}

/** Stops all tracks of the stream, so that the system shows the device as free. */
export function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

function trackOf(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getAudioTracks()
  if (!track) throw new DOMException('the microphone gives no sound', 'NotReadableError')
  return track
}
