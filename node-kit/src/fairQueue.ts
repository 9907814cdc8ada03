/**
 * Runs the asynchronous work of many clients one piece at a time, one piece of each client in turn: a client with a thousand
 * pieces delays the next piece of another client by one.
 */
export interface FairQueue<Client> {
  /**
   * Runs `work` after all earlier work of the same client has settled, and after at most one piece of each other client.
   * Resolves or rejects with its outcome; rejects with `QueueStopped` when the queue stops before its turn.
   */
  run<Result>(client: Client, work: () => Promise<Result> | Result): Promise<Result>
  /** Returns how many pieces of all clients wait for their turn; the running one is not counted. */
  waiting(): number
  /** Rejects all work that has not begun, and all that comes later. Resolves once the running piece has settled; never rejects. */
  stop(): Promise<void>
}

/** The queue stopped before the work's turn came: nothing of it was done. */
export class QueueStopped extends Error {
  constructor() {
    super('the queue stopped before this work began')
    this.name = 'QueueStopped'
  }
}

interface Piece {
  readonly begin: () => Promise<void>
  readonly refuse: () => void
}

/** Creates an empty queue. It holds no timers; a client takes memory only while work of it waits. */
export function createFairQueue<Client>(): FairQueue<Client> {
  // The order of the keys is the order of turns: a client that had its turn goes to the end.
  const turns = new Map<Client, Piece[]>()
  let count = 0
  let stopped = false
  let running: Promise<void> | undefined

  const next = (): Piece | undefined => {
    const [turn] = turns
    if (!turn) return undefined
    const [client, pieces] = turn
    const piece = pieces.shift()
    turns.delete(client)
    if (pieces.length > 0) turns.set(client, pieces)
    count -= 1
    return piece
  }
  const work = async () => {
    for (let piece = next(); piece; piece = next()) await piece.begin()
    running = undefined
  }
  return {
    run: (client, act) =>
      new Promise((resolve, reject) => {
        if (stopped) return reject(new QueueStopped())
        const begin = async () => {
          const outcome = Promise.resolve().then(act)
          resolve(outcome)
          await Promise.allSettled([outcome])
        }
        const pieces = turns.get(client) ?? []
        pieces.push({ begin, refuse: () => reject(new QueueStopped()) })
        turns.set(client, pieces)
        count += 1
        running ??= Promise.resolve().then(work)
      }),
    waiting: () => count,
    async stop() {
      stopped = true
      for (const pieces of turns.values()) for (const { refuse } of pieces) refuse()
      turns.clear()
      count = 0
      await running
    },
  }
}
