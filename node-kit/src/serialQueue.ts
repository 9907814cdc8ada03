/** Runs asynchronous work one piece at a time, in the order in which it was added. */
export interface SerialQueue {
  /**
   * Runs `work` after everything added before it has settled. Resolves or rejects with its outcome; a rejection does not stop
   * the work behind it in the queue.
   */
  run<Result>(work: () => Promise<Result> | Result): Promise<Result>
  /** Resolves once all work added so far has settled. Never rejects. */
  idle(): Promise<void>
}

/** Creates an empty queue. It holds no timers and needs no closing. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(work) {
      const outcome = last.then(() => work())
      last = outcome.catch(() => undefined)
      return outcome
    },
    async idle() {
      await last
    },
  }
}
