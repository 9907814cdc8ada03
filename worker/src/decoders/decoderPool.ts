import { EngineBroken, EngineDown, type Engine, type Transcription } from '../engines/enginePort.ts'
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import type { Log } from '../log.ts'

export interface Piece {
  readonly samples: Int16Array
  readonly language: string
  readonly prompt: string
  readonly audioContext: number | undefined
  /** Once aborted, the piece is of no use: it leaves the queue. */
  readonly signal: AbortSignal
}

/**
 * Decoders shared by all calls of the worker. Finals go first, oldest first; of partials only the newest per channel waits. A
 * decoder is idle or decodes one piece; a piece waits, is decoded, is tried again, or is given up. Knows nothing of calls.
 */
export interface DecoderPool {
  /**
   * Resolves with the transcription; with undefined once the piece has broken the engine as often as it may be tried. Rejects
   * with EngineDown when no decoder can run, or with the signal's reason.
   */
  final(piece: Piece): Promise<Transcription | undefined>
  /** Resolves with undefined when a newer partial of the channel replaces this one, or the engine fails: a partial is never tried twice. */
  partial(piece: Piece, channelKey: object): Promise<Transcription | undefined>
  /** Returns how many pieces wait for a decoder now. */
  waiting(): { readonly finals: number; readonly partials: number }
  /** Rejects all waiting pieces with EngineDown and resolves once every engine is stopped. */
  stop(): Promise<void>
}

interface Waiting {
  readonly piece: Piece
  readonly tries: number
  readonly resolve: (transcription: Transcription | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Creates a pool of the given engines; an engine starts its program at its first piece. */
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
        needs.log.warn({ cause: causeOf(error), triesLeft: tries - 1 }, 'decode.retried')
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
