import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { ChannelFeed, FeedListener, SoundOrigin } from './channelFeed.ts'
import { startHelper, type HelperEnd, type HelperProgram } from './helperProcess.ts'
import { HELPER_EXIT, type HelperLine, type HelperTarget } from './helperProtocol.ts'
import { helperTuning } from './tuning.ts'

/** The helper's program, its targets and the fallback from which one feed is built. */
export interface HelperFeedNeeds {
  readonly program: HelperProgram
  /** Targets, best first, to fall back to where this system cannot capture one; each is read at every start of the helper. */
  readonly targets: readonly [() => HelperTarget, ...(() => HelperTarget)[]]
  /** The feed in use when the helper itself cannot run (missing, blocked by a rule of this PC); the screen names it. */
  readonly lastResort?: ChannelFeed
  readonly clock: Clock
  readonly onNote: (line: string) => void
}

const ORIGINS: Readonly<Record<HelperTarget['kind'], SoundOrigin>> = {
  client: '3cx-client',
  'everything-but': 'everything-but-us',
  system: 'system-loopback',
}

const TARGET_NAMES: Readonly<Record<HelperTarget['kind'], string>> = {
  client: 'The sound of the 3CX client',
  'everything-but': 'All sound of this PC but our own',
  system: 'All that the default output plays',
}

interface HelperRun {
  readonly needs: HelperFeedNeeds
  readonly listener: FeedListener
  /** Remembers for the next call that this system cannot capture the targets before this one. */
  readonly skipTargetsBefore: (target: number) => void
  target: number
  failures: number
  isStopped: boolean
  running: { stop(): Promise<void> } | undefined
  cancelRestart: () => void
}

/**
 * The caller's channel through our native helper, supervised: the helper is started again when it dies, hangs or writes
 * garbage, and with the next target where this system cannot capture the better one; `device` names the target. States:
 * running, waiting for a restart, on the last resort (final until the next call), stopped. Knows nothing of frames and
 * processes: those live in `helperProcess.ts`.
 */
export function createHelperFeed(needs: HelperFeedNeeds): ChannelFeed {
  let firstTarget = 0
  return {
    start(listener: FeedListener) {
      const run: HelperRun = {
        needs,
        listener,
        skipTargetsBefore: (target) => void (firstTarget = target),
        target: firstTarget,
        failures: 0,
        isStopped: false,
        running: undefined,
        cancelRestart: () => undefined,
      }
      begin(run)
      return {
        async stop() {
          run.isStopped = true
          run.cancelRestart()
          await run.running?.stop()
        },
      }
    },
  }
}

function begin(run: HelperRun): void {
  const { needs, listener } = run
  const target = (needs.targets[run.target] ?? needs.targets[0])()
  listener.restarted()
  run.running = startHelper(
    { ...needs, target },
    {
      sound: (samples, endMs) => listener.sound(samples, endMs),
      line: (line) => receiveLine(run, target, line),
      ended: (end) => restart(run, end),
    },
  )
}

function receiveLine(run: HelperRun, target: HelperTarget, line: HelperLine): void {
  const { listener, needs } = run
  switch (line.kind) {
    case 'opened':
      run.failures = 0
      return listener.device({ origin: ORIGINS[target.kind], label: line.label })
    case 'waiting':
      run.failures = 0
      return listener.lost(
        new Error(
          `The caller is not heard: none of ${line.for} runs. Start the 3CX client, or name its program in the settings.`,
        ),
      )
    case 'error':
      return needs.onNote(`${line.code}: ${line.text}`)
  }
}

function restart(run: HelperRun, { code, cause, began }: HelperEnd): void {
  const { needs, listener } = run
  run.failures += 1
  if (!began && needs.lastResort) return useLastResort(run, needs.lastResort, cause)
  const isUnsupported = code === HELPER_EXIT.unsupported
  if (isUnsupported || run.failures >= helperTuning.maxFailures) {
    if (fallBack(run, cause, isUnsupported)) return begin(run)
    if (needs.lastResort) return useLastResort(run, needs.lastResort, cause)
  }
  listener.lost(
    new Error(`The caller is not heard (capture helper: ${cause}): install the agent again if it stays so.`),
  )
  const { restartMs } = helperTuning
  const delayMs = restartMs[Math.min(run.failures, restartMs.length) - 1] ?? SECOND_MS
  run.cancelRestart = needs.clock.after(delayMs, () => begin(run))
}

/** Moves on to the next target and returns whether there is one. */
function fallBack(run: HelperRun, cause: string, isForGood: boolean): boolean {
  const { targets } = run.needs
  const [from, to] = [targets[run.target]?.(), targets[run.target + 1]?.()]
  if (run.isStopped || !from || !to) return false
  run.target += 1
  run.failures = 0
  if (isForGood) run.skipTargetsBefore(run.target)
  run.listener.degraded(
    new Error(
      `${TARGET_NAMES[from.kind]} cannot be captured alone (${cause}): ${TARGET_NAMES[to.kind]} is recorded instead.`,
    ),
  )
  return true
}

function useLastResort(run: HelperRun, feed: ChannelFeed, cause: string): void {
  run.listener.degraded(
    new Error(
      `The capture helper does not work (${cause}): all that the PC plays is recorded instead. Install the agent again, or allow the helper to run.`,
    ),
  )
  run.running = feed.start(run.listener)
}
