import type { Clock, RecordingId } from '@3cx-ninja/protocol'

export interface OpenAnswer {
  readonly agentId: string
  readonly recordingId: RecordingId
}

export interface AnswerPlace {
  /**
   * What the generator yields, one piece at a time as the receiver takes it; the place is left at its end. What is cut
   * ends without the piece by which the generator ends: the receiver knows it by that, through every proxy.
   */
  stream(pieces: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array>
  /** Safe twice. */
  leave(): void
}

/** Answers under way: so many for each agent, so many in all, none that nobody reads. */
export function createOpenAnswers(needs: {
  readonly clock: Clock
  /** What is being read cannot be read on. */
  readonly onFailed: (of: OpenAnswer, error: unknown) => void
  readonly tuning: { readonly answersOfAgent: number; readonly answersOfAll: number; readonly idleMs: number }
}) {
  const { clock, tuning } = needs
  const open = new Map<object, OpenAnswer & { end: () => void }>()

  return {
    /** undefined: too many are open. */
    take(of: OpenAnswer): AnswerPlace | undefined {
      const own = [...open.values()].filter(({ agentId }) => agentId === of.agentId).length
      if (own >= tuning.answersOfAgent || open.size >= tuning.answersOfAll) return undefined
      const place = {}
      const entry: OpenAnswer & { end: () => void } = { ...of, end: () => leave() }
      const leave = () => {
        cancelIdle()
        open.delete(place)
      }
      const look = () => clock.after(tuning.idleMs, () => entry.end())
      let cancelIdle = look()
      open.set(place, entry)
      return {
        leave,
        stream(pieces) {
          return new ReadableStream<Uint8Array>(
            {
              start(controller) {
                entry.end = () => {
                  leave()
                  controller.close()
                  void pieces.return().catch(() => undefined) // its file is closed; that it failed before was told
                }
              },
              async pull(controller) {
                cancelIdle()
                cancelIdle = look()
                try {
                  const next = await pieces.next()
                  if (!open.has(place)) return
                  if (!next.done) return controller.enqueue(next.value)
                  leave()
                  controller.close()
                } catch (error) {
                  if (!open.has(place)) return // it was removed meanwhile, and can fail to be read in any way
                  entry.end()
                  needs.onFailed(of, error)
                }
              },
              async cancel() {
                leave()
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
      for (const entry of [...open.values()]) if (which(entry)) entry.end()
    },
    count: () => open.size,
  }
}
