import type { Clock } from '@3cx-ninja/protocol'
import type { SoundPage } from '../../src/main/capture/sources/chromiumSound.ts'
import type { SoundPageRequest } from '../../src/ipc/soundMessages.ts'

/** Returns the hidden page without a browser: a tone for each opened device, paced by the clock, unless `refuse` answers. */
export function createFakeSoundPage(clock: Clock) {
  const requests: SoundPageRequest[] = []
  let refuse: ((request: SoundPageRequest) => { reason: string; detail: string } | undefined) | undefined
  let isSilent = false
  let send: ((message: unknown) => void) | undefined
  let crash: ((cause: string) => void) | undefined
  let opened = 0
  const players = new Map<string, () => void>()

  const play = (request: Extract<SoundPageRequest, { kind: 'open' }>) => {
    let firstFrame = 0
    const hz = request.what === 'microphone' ? 440 : 620
    const beat = () => {
      players.set(request.channel, clock.after(100, beat))
      if (isSilent) return
      const samples = Int16Array.from({ length: 1_600 }, (_, index) =>
        Math.round(8_000 * Math.sin((2 * Math.PI * hz * (firstFrame + index)) / 16_000)),
      )
      send?.({ kind: 'block', channel: request.channel, run: request.run, firstFrame, samples })
      firstFrame += 1_600
    }
    players.set(request.channel, clock.after(100, beat))
  }
  const page: SoundPage = {
    open(listener) {
      opened += 1
      send = listener.message
      crash = listener.gone
      const cancel = clock.after(10, () => listener.message({ kind: 'ready' }))
      return {
        post(request) {
          requests.push(request)
          if (request.kind === 'list')
            return listener.message({ kind: 'devices', microphones: [{ id: 'one', label: 'One' }] })
          players.get(request.channel)?.()
          if (request.kind === 'close') return
          const refused = refuse?.(request)
          const of = { channel: request.channel, run: request.run }
          if (refused) return listener.message({ kind: 'lost', ...of, ...refused })
          const label =
            request.what === 'microphone' ? `Microphone ${request.deviceId ?? 'default'}` : 'System audio'
          listener.message({ kind: 'opened', ...of, label, standIn: false, echo: 'all' })
          play(request)
        },
        close() {
          cancel()
          for (const stop of players.values()) stop()
          return Promise.resolve()
        },
      }
    },
  }
  return {
    page,
    requests,
    opened: () => opened,
    refuseWith: (how: typeof refuse) => void (refuse = how),
    /** The device hangs: it is open and gives nothing. */
    silence: (silent: boolean) => void (isSilent = silent),
    send: (message: unknown) => send?.(message),
    crash(cause: string) {
      for (const stop of players.values()) stop()
      crash?.(cause)
    },
  }
}
