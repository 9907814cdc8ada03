import { wordDistance } from '../wordDistance.ts'
import { echoTuning } from './echoTuning.ts'

/** A final text with the loudness of its audio. */
export interface Spoken {
  readonly fromMs: number
  readonly toMs: number
  readonly text: string
  /** Of any scale, the same on both channels. */
  readonly level: number
}

/**
 * Returns whether the agent's utterance has the caller's words at the same time, and quieter: an echo whose waveform a room
 * has changed too much to be found by it. A technician who repeats a number aloud begins after it was said, so time decides,
 * not the words alone. Pure.
 */
export function isEchoOf(agent: Spoken, callers: readonly Spoken[]): boolean {
  const words = wordsOf(agent.text)
  if (words.length < echoTuning.leastWords) return false
  return callers.some((caller) => {
    const delayMs = agent.fromMs - caller.fromMs
    if (delayMs < echoTuning.earliestMs || delayMs > echoTuning.wordsLatestMs) return false
    if (agent.toMs > caller.toMs + echoTuning.wordsLatestMs) return false
    if (agent.level > echoTuning.wordsMaxGain * caller.level) return false
    return likeness(words, wordsOf(caller.text)) >= echoTuning.wordLikeness
  })
}

/** Returns, cheaply, whether the caller's words must be known, given how loud the caller was at that time. */
export function mayEcho(agent: Spoken, callersLevel: number): boolean {
  return (
    agent.level <= echoTuning.wordsMaxGain * callersLevel &&
    wordsOf(agent.text).length >= echoTuning.leastWords
  )
}

const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []

/** 1: the same words; 0: none of them. */
const likeness = (words: readonly string[], others: readonly string[]) =>
  1 - wordDistance(words, others) / Math.max(1, words.length, others.length)
