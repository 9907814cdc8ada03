import type { CallId, Utterance, UtteranceId } from '@3cx-ninja/protocol'
import type { Said, Span } from './conversation.ts'
import { maskSpans, secretsIn, united } from './maskSecrets.ts'
import { CALLS_REMEMBERED, UTTERANCES_REMEMBERED } from './tuning.ts'

/** An utterance with the wall-clock time at which it began: that time orders both sides. */
export interface TimedUtterance {
  readonly utterance: Utterance
  readonly atMs: number
}

/** What came of one utterance: its text without secrets, and the earlier finals of which it revealed that they hold one. */
export interface Masked {
  readonly utterance: Utterance
  readonly revised: readonly TimedUtterance[]
}

/**
 * The last raw utterances of each call, in memory only: a secret is asked for, read out over several utterances and
 * repeated. They reach no table, file, log or link.
 */
export interface CallMasking {
  /** Returns whether utterances of the call are remembered. */
  has(callId: CallId): boolean
  /** Remembers finals of a call from before this start; they are masked already, but requests among them count. */
  remember(callId: CallId, finals: readonly TimedUtterance[]): void
  /**
   * Returns the utterance with its secrets masked, and the earlier finals of the call that hold one as is known by now. Only a
   * final revises earlier ones; what a partial may become is masked in the partial alone.
   */
  mask(callId: CallId, said: TimedUtterance): Masked
  /** Accepts that the final is stored as it was returned last; until then each `mask` returns it as revised. */
  settle(callId: CallId, utteranceId: UtteranceId): void
  /** Removes an utterance that was not stored after all, or a partial that gets no final. */
  drop(callId: CallId, utteranceId: UtteranceId): void
  /** Forgets the call's words. */
  forget(callId: CallId): void
}

interface Remembered extends TimedUtterance {
  readonly said: Said
  readonly spans: readonly Span[]
  /** The spans that are masked where the final is stored. */
  readonly stored: readonly Span[]
}

/** Creates the memory, without calls. */
export function createCallMasking(): CallMasking {
  const calls = new Map<CallId, readonly Remembered[]>()
  const keep = (callId: CallId, remembered: readonly Remembered[]) => {
    calls.delete(callId)
    calls.set(callId, remembered.slice(-UTTERANCES_REMEMBERED))
    const oldest = calls.keys().next().value
    if (calls.size > CALLS_REMEMBERED && oldest) calls.delete(oldest)
  }
  return {
    has: (callId) => calls.has(callId),
    remember: (callId, finals) => keep(callId, finals.map(remembered)),
    mask(callId, said) {
      const { state, utteranceId } = said.utterance
      const others = (calls.get(callId) ?? []).filter((one) => !isReplaced(one.utterance, said.utterance))
      const known = calls.get(callId)?.find((one) => one.utterance.utteranceId === utteranceId)
      // A partial that comes after its final changes nothing.
      if (state === 'partial' && known?.utterance.state === 'final')
        return { utterance: masked(known), revised: [] }
      const ordered = [...others, remembered(said)].sort((a, b) => a.atMs - b.atMs)
      const spans = secretsIn(ordered.map((one) => one.said))
      const now = ordered.map((one, index): Remembered => {
        const found = spans.filter(({ utterance }) => utterance === index).map(inItself)
        const isSettled = one.utterance.state === 'final' && one.utterance.utteranceId !== utteranceId
        if (isSettled && state === 'partial') return one
        return { ...one, spans: one.utterance.state === 'final' ? united([...one.spans, ...found]) : found }
      })
      keep(callId, now)
      const own = now.find((one) => one.utterance.utteranceId === utteranceId)
      const revised = state === 'partial' ? [] : now.filter((one) => one !== own && isRevised(one))
      return {
        utterance: own ? masked(own) : said.utterance,
        revised: revised.map((one) => ({ utterance: masked(one), atMs: one.atMs })),
      }
    },
    settle(callId, utteranceId) {
      const all = calls.get(callId)
      const settled = all?.map((one) => (one.utterance.utteranceId === utteranceId ? { ...one, stored: one.spans } : one)) // prettier-ignore
      if (settled) calls.set(callId, settled)
    },
    drop(callId, utteranceId) {
      const left = calls.get(callId)?.filter((one) => one.utterance.utteranceId !== utteranceId)
      if (left) calls.set(callId, left)
    },
    forget: (callId) => void calls.delete(callId),
  }
}

function remembered({ utterance, atMs }: TimedUtterance): Remembered {
  const { channel, text, state } = utterance
  return { utterance, atMs, said: { channel, text, isOpen: state === 'partial' }, spans: [], stored: [] }
}

/** One utterance is open per channel: the next one of its channel replaces a partial that got no final. */
const isReplaced = (older: Utterance, said: Utterance): boolean =>
  older.utteranceId === said.utteranceId ||
  (older.state === 'partial' && older.channel === said.channel && older.recordingId === said.recordingId)

const inItself = (span: Span): Span => ({ ...span, utterance: 0 })

const isRevised = ({ utterance, spans, stored }: Remembered): boolean =>
  utterance.state === 'final' && JSON.stringify(spans) !== JSON.stringify(stored)

/** The times of single words would show how long a secret is; a text of which something is masked has none. */
function masked({ utterance, spans }: Remembered): Utterance {
  return spans.length === 0
    ? utterance
    : { ...utterance, text: maskSpans(utterance.text, spans).slice(0, 4_000), words: [] }
}
