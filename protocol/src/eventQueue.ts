/**
 * Serial queue for the events of one reducer: an event dispatched while another one is being applied waits for its end.
 * It knows nothing of time or states: those live in the reducer that `apply` calls.
 */
export interface EventQueue<Event> {
  /** Applies the event, or queues it when a call of `apply` is running; returns once the queue is empty, or at once when queued. */
  dispatch(event: Event): void
}

/**
 * Creates a queue that calls `apply` for one event at a time, in the order of dispatch. An exception of `apply` is thrown to
 * the caller of the outermost `dispatch`; the events after it stay queued until the next dispatch. `onDrained` is called
 * each time the queue is empty again.
 */
export function createEventQueue<Event>(
  apply: (event: Event) => void,
  onDrained: () => void = () => undefined,
): EventQueue<Event> {
  const queued: Event[] = []
  let applying = false
  return {
    dispatch(event) {
      queued.push(event)
      if (applying) return
      applying = true
      try {
        for (let next = queued.shift(); next !== undefined; next = queued.shift()) apply(next)
      } finally {
        applying = false
      }
      onDrained()
    },
  }
}
