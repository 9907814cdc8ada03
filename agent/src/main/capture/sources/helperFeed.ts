import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { ChannelFeed, FeedListener, SoundOrigin } from './channelFeed.ts'
import { startHelper, type HelperProgram } from './helperProcess.ts'
import { HELPER_EXIT, type HelperTarget } from './helperProtocol.ts'

export interface HelperFeedNeeds {
  readonly program: HelperProgram
  /** Best first: what to fall back to where this system cannot capture one. Asked anew at each start of the helper. */
  readonly targets: readonly [() => HelperTarget, ...(() => HelperTarget)[]]
  /** When the helper itself cannot run (missing, blocked by a rule of this PC): heard otherwise, and named so. */
  readonly lastResort?: ChannelFeed
  readonly clock: Clock
  readonly onNote: (line: string) => void
}

const AGAIN_MS = [SECOND_MS / 2, SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS]
/** Failures in a row without any sound before the next target is tried. */
const PATIENCE = 3

const ORIGINS: Readonly<Record<HelperTarget['kind'], SoundOrigin>> = {
  client: '3cx-client',
  'everything-but': 'everything-but-us',
  system: 'system-loopback',
}

/**
 * The caller's channel through our native helper, supervised: started again when it dies, hangs or writes garbage, and with
 * the next target where this system cannot capture the better one. Which one it is, is told with the device.
 */
export function createHelperFeed(needs: HelperFeedNeeds): ChannelFeed {
  const { clock } = needs
  /** Targets that this system cannot capture at all: not asked again at the next call. */
  let firstTarget = 0

  return {
    start(listener: FeedListener) {
      let target = firstTarget
      let failures = 0
      let isStopped = false
      let running: { stop(): Promise<void> } | undefined
      let cancelAgain: () => void = () => undefined

      const begin = () => {
        const wanted = (needs.targets[target] ?? needs.targets[0])()
        listener.restarted()
        running = startHelper(
          { ...needs, target: wanted },
          {
            sound(samples, endMs) {
              listener.sound(samples, endMs)
            },
            line(line) {
              switch (line.kind) {
                case 'opened':
                  failures = 0
                  return listener.device({ origin: ORIGINS[wanted.kind], label: line.label })
                case 'waiting':
                  failures = 0
                  return listener.lost(
                    new Error(
                      `The caller is not heard: none of ${line.for} runs. Start the 3CX client, or name its program in the settings.`,
                    ),
                  )
                case 'trouble':
                  return needs.onNote(`${line.code}: ${line.text}`)
              }
            },
            ended({ code, cause, began }) {
              failures += 1
              if (!began && needs.lastResort) return resort(needs.lastResort, cause)
              if (code === HELPER_EXIT.unsupported || failures >= PATIENCE) {
                if (fallBack(cause, code === HELPER_EXIT.unsupported)) return begin()
                if (needs.lastResort) return resort(needs.lastResort, cause)
              }
              listener.lost(
                new Error(
                  `The caller is not heard (capture helper: ${cause}): install the agent again if it stays so.`,
                ),
              )
              const wait = AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1] ?? SECOND_MS
              cancelAgain = clock.after(wait, begin)
            },
          },
        )
      }
      const fallBack = (cause: string, isForGood: boolean): boolean => {
        const [from, to] = [needs.targets[target]?.(), needs.targets[target + 1]?.()]
        if (isStopped || !from || !to) return false
        target += 1
        failures = 0
        if (isForGood) firstTarget = target
        listener.degraded(
          new Error(
            `${SAYS[from.kind]} cannot be captured alone (${cause}): ${SAYS[to.kind]} is recorded instead.`,
          ),
        )
        return true
      }
      const resort = (feed: ChannelFeed, cause: string) => {
        listener.degraded(
          new Error(
            `The capture helper does not work (${cause}): all that the PC plays is recorded instead. Install the agent again, or allow the helper to run.`,
          ),
        )
        running = feed.start(listener)
      }
      begin()
      return {
        async stop() {
          isStopped = true
          cancelAgain()
          await running?.stop()
        },
      }
    },
  }
}

const SAYS: Readonly<Record<HelperTarget['kind'], string>> = {
  client: 'The sound of the 3CX client',
  'everything-but': 'All sound of this PC but our own',
  system: 'All that the default output plays',
}
