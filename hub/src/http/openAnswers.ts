import type { Clock, RecordingId } from '@3cx-ninja/protocol'

/** One answer under way: which agent reads which recording. */
export interface OpenAnswer {
  readonly agentId: string
  readonly recordingId: RecordingId
}

/** Room for one answer, taken until its stream ends, is cut, or `release` is called. */
export interface AnswerSlot {
  /**
   * What the generator yields, one piece at a time as the receiver takes it; the place is left at its end. What is cut
   * ends without the piece by which the generator ends: the receiver knows it by that, through every proxy.
   */
  stream(pieces: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array>
  /** Safe twice. */
  release(): void
}

/**
 * Creates the count of answers under way: so many for each agent, so many in all, and none that is not read. Ends an
 * answer that is idle for `idleMs`.
 */
export function createOpenAnswers(needs: {
  readonly clock: Clock
  /** What is being read cannot be read on. */
  readonly onFailed: (of: OpenAnswer, error: unknown) => void
  readonly tuning: { readonly answersOfAgent: number; readonly answersOfAll: number; readonly idleMs: number }
}) {
  const { clock, tuning } = needs
  const answers = new Map<object, OpenAnswer & { end: () => void }>()

  return {
    /** undefined: too many are open. */
    open(of: OpenAnswer): AnswerSlot | undefined {
      const agentCount = [...answers.values()].filter(({ agentId }) => agentId === of.agentId).length
      if (agentCount >= tuning.answersOfAgent || answers.size >= tuning.answersOfAll) return undefined
      const key = {}
      const entry: OpenAnswer & { end: () => void } = { ...of, end: () => release() }
      const release = () => {
        cancelIdle()
        answers.delete(key)
      }
      const watchIdle = () => clock.after(tuning.idleMs, () => entry.end())
      let cancelIdle = watchIdle()
      answers.set(key, entry)
      return {
        release,
        stream(pieces) {
          return new ReadableStream<Uint8Array>(
            {
              start(controller) {
                entry.end = () => {
                  release()
                  controller.close()
                  void pieces.return().catch(() => undefined) // its file is closed; an earlier failure was logged
                }
              },
              async pull(controller) {
                cancelIdle()
                cancelIdle = watchIdle()
                try {
                  const next = await pieces.next()
                  if (!answers.has(key)) return
                  if (!next.done) return controller.enqueue(next.value)
                  release()
                  controller.close()
                } catch (error) {
                  if (!answers.has(key)) return // it was removed meanwhile, and can fail to be read in any way
                  entry.end()
                  needs.onFailed(of, error)
                }
              },
              async cancel() {
                release()
                await pieces.return()
              },
            },
            { highWaterMark: 0 },
          )
        },
      }
    },
    /** Ends what is no longer allowed, in the middle: the receiver sees a connection that was cut. */
    cut(which: (answer: OpenAnswer) => boolean) {
      for (const entry of [...answers.values()]) if (which(entry)) entry.end()
    },
    count: () => answers.size,
  }
}
