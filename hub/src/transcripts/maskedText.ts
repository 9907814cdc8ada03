import type { CallId, Utterance, UtteranceId } from '@3cx-ninja/protocol'
import { createCallMasking, type Masked } from '../masking/callMasking.ts'
import type { FinalUtterance } from './finalUtterance.ts'
import { inSpeakingOrder } from './speakingOrder.ts'
import type { FinalOutcome, TranscriptStore } from './ports.ts'

/** The masked text of calls: nothing of an utterance leaves this part with a secret in it, whether stored or relayed. */
export interface MaskedText {
  /**
   * Returns the utterance as it may be shown, at once where the call is known, so that partials keep their order with the end
   * of a lease. Resolves with it where the call's finals are read first, after a start: requests among them count.
   */
  mask(callId: CallId, utterance: Utterance, atMs: number): Masked | Promise<Masked>
  /**
   * Stores the earlier finals that turned out to hold a secret, then this one, and resolves with what became of it; calls
   * `relay` with each that is stored. Rejects when the database cannot write: the same final again repeats all of it.
   */
  store(final: {
    readonly masked: Masked
    readonly callId: CallId
    readonly fence: number
    readonly atMs: number
    readonly relay: (utterance: Utterance) => void
  }): Promise<FinalOutcome>
  drop(callId: CallId, utteranceId: UtteranceId): void
  forget(callId: CallId): void
}

/** Creates the masked text over a store, without calls; `parsed` returns the stored rows that are readable finals. */
export function createMaskedText(
  store: Pick<TranscriptStore, 'addFinal' | 'maskFinal' | 'ofCall'>,
  parsed: (rows: readonly unknown[]) => readonly FinalUtterance[],
): MaskedText {
  const masking = createCallMasking()
  const reading = new Map<CallId, Promise<void>>()
  const readBack = async (callId: CallId) => {
    try {
      const finals = inSpeakingOrder(parsed(await store.ofCall(callId)))
      if (!masking.has(callId)) masking.remember(callId, finals.map(({ atMs, ...utterance }) => ({ utterance, atMs }))) // prettier-ignore
    } finally {
      reading.delete(callId)
    }
  }
  const remembered = (callId: CallId): Promise<void> => {
    const read = reading.get(callId) ?? readBack(callId)
    reading.set(callId, read)
    return read
  }
  return {
    mask(callId, utterance, atMs) {
      const mask = () => masking.mask(callId, { utterance, atMs })
      return masking.has(callId) ? mask() : remembered(callId).then(mask)
    },
    async store({ masked: { utterance, revised }, callId, fence, atMs, relay }) {
      const { utteranceId } = utterance
      // The earlier ones first: a hub that dies in between has masked them, and gets this final again.
      for (const earlier of revised) {
        await store.maskFinal({ ...earlier.utterance, atMs: earlier.atMs })
        masking.settle(callId, earlier.utterance.utteranceId)
        relay(earlier.utterance)
      }
      const outcome = await store.addFinal({ ...utterance, atMs }, callId, fence)
      if (outcome === 'stored') {
        masking.settle(callId, utteranceId)
        relay(utterance)
      } else if (outcome !== 'known') masking.drop(callId, utteranceId)
      return outcome
    },
    drop: (callId, utteranceId) => masking.drop(callId, utteranceId),
    forget: (callId) => masking.forget(callId),
  }
}
