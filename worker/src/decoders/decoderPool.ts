import { EngineBroken, EngineDown, type Engine, type Heard } from '../engines/enginePort.ts'
import { causeOf, type Log } from '../log.ts'

export interface Piece {
  readonly samples: Int16Array
  readonly language: string
  readonly prompt: string
  readonly audioContext: number | undefined
  /** Aborted: nobody wants it any more; it leaves the queue. */
  readonly signal: AbortSignal
}

/** Decoders shared by all calls of the worker. Finals go first, oldest first; of partials only the newest per channel waits. */
export interface DecoderPool {
  /** Rejects with EngineDown, or with the signal's reason. A piece that breaks the engine again and again: undefined. */
  final(piece: Piece): Promise<Heard | undefined>
  /** undefined: replaced by a newer one, or the engine failed; a partial is never tried twice. */
  partial(piece: Piece, channelKey: object): Promise<Heard | undefined>
  waiting(): { readonly finals: number; readonly partials: number }
  stop(): Promise<void>
}

interface Waiting {
  readonly piece: Piece
  readonly tries: number
  readonly resolve: (heard: Heard | undefined) => void
  readonly reject: (error: unknown) => void
}

export function createDecoderPool(needs: {
  readonly engines: readonly Engine[]
  readonly triesPerPiece: number
  readonly log: Log
}): DecoderPool {
  const idle = [...needs.engines]
  const finals: Waiting[] = []
  const partials = new Map<object, Waiting>()

  const next = (): Waiting | undefined => {
    const final = finals.shift()
    if (final) return final
    for (const [key, partial] of partials) {
      partials.delete(key)
      return partial
    }
    return undefined
  }

  const pump = () => {
    while (idle.length > 0) {
      const waiting = next()
      if (!waiting) return
      if (waiting.piece.signal.aborted) {
        waiting.reject(waiting.piece.signal.reason)
        continue
      }
      const engine = idle.pop()
      if (engine) void decode(engine, waiting)
    }
  }

  const decode = async (engine: Engine, waiting: Waiting) => {
    const { piece, tries } = waiting
    try {
      waiting.resolve(await engine.transcribe(piece.samples, piece))
    } catch (error) {
      if (!(error instanceof EngineBroken)) waiting.reject(error)
      else if (tries > 1) {
        needs.log.warn({ cause: causeOf(error), triesLeft: tries - 1 }, 'decode.again')
        finals.unshift({ ...waiting, tries: tries - 1 })
      } else {
        needs.log.error({ cause: causeOf(error), samples: piece.samples.length }, 'decode.given-up')
        waiting.resolve(undefined)
      }
    } finally {
      idle.push(engine)
      pump()
    }
  }

  return {
    final: (piece) =>
      new Promise((resolve, reject) => {
        finals.push({ piece, tries: needs.triesPerPiece, resolve, reject })
        pump()
      }),
    partial: (piece, channelKey) =>
      new Promise((resolve, reject) => {
        partials.get(channelKey)?.resolve(undefined)
        partials.set(channelKey, { piece, tries: 1, resolve, reject })
        pump()
      }),
    waiting: () => ({ finals: finals.length, partials: partials.size }),
    async stop() {
      const stopped = new EngineDown('the worker stops')
      for (const waiting of finals.splice(0)) waiting.reject(stopped)
      for (const waiting of partials.values()) waiting.reject(stopped)
      partials.clear()
      await Promise.all(needs.engines.map((engine) => engine.stop()))
    },
  }
}
