import { openCallSite } from '../calls/openCallSite.ts'
import { playCall, type PlayedCall } from '../calls/playCall.ts'
import { uploadThenTranscribe } from '../calls/uploadThenTranscribe.ts'
import { wordTimes, type WordTimes } from '../calls/wordTimes.ts'
import { ms, times, verdictOf, type Line, type Median, type Row } from '../row.ts'
import { summarize } from '../statistics.ts'

const CALL_SECONDS = 30
const WAVES = 2
const UPLOADS = 3
const CALLS_AT_ONCE = 4
/** Real calls do not begin at the same time. */
const APART_MS = 1_700
const MAX_DRAFT_MS = 1_500
const MAX_FINAL_MS = 1_000
const MAX_ONSET_MS = 1_200
const MIN_SURVIVING = 0.8
const MAX_AGENT_CORES = 0.1
const MAX_AGENT_MB = 150

/** Calls in real time, four at once: draft, words, and the agent's CPU and memory. */
export const live: Row = {
  name: 'live',
  title: `Calls of ${CALL_SECONDS} s in real time, ${CALLS_AT_ONCE} at once`,
  async run({ folder, onProgress }) {
    onProgress(0, 'starting hub and worker')
    const { site, sounds, workers, speed, decoders } = await openCallSite(folder)
    try {
      const played: PlayedCall[] = []
      const words: WordTimes[] = []
      for (let wave = 0; wave < WAVES; wave++) {
        onProgress(5 + (wave * 80) / WAVES, `wave ${wave + 1} of ${WAVES}`)
        const calls = Array.from({ length: CALLS_AT_ONCE }, async (_, index) => {
          const call = await sounds.make({ seconds: CALL_SECONDS, first: index % 3 })
          await new Promise((resolve) => setTimeout(resolve, index * APART_MS))
          const name = `agent-${wave}${index}`
          const one = await playCall({ site, folder, name, call, speed: 1 })
          played.push(one)
          words.push(wordTimes(one, call.said))
        })
        await Promise.all(calls)
      }
      const uploaded = []
      for (let index = 0; index < UPLOADS; index++) {
        onProgress(85 + index * 5, `upload, then transcribe: ${index + 1}`)
        const call = await sounds.make({ seconds: CALL_SECONDS, first: index % 3 })
        uploaded.push(await uploadThenTranscribe({ site, workers, call }))
      }
      const late = [...played, ...uploaded].filter(({ transcript }) => transcript !== 'complete')
      if (late.length > 0) throw new Error(`${late.length} drafts came without their text`)
      const figures = {
        worker: { speed, decoders },
        draftMs: played.map(({ draftMs }) => draftMs),
        uploadedDraftMs: uploaded.map(({ draftMs }) => draftMs),
        words,
        agents: played.map(({ cores, maxRssMB }) => ({ cores, maxRssMB })),
      }
      return { lines: linesOf(figures), medians: liveMedians(figures), figures }
    } finally {
      await site.stop()
    }
  },
}

interface Figures {
  readonly draftMs: readonly number[]
  readonly uploadedDraftMs: readonly number[]
  readonly words: readonly WordTimes[]
  readonly agents: readonly { readonly cores: number; readonly maxRssMB: number }[]
}

function survivingShare(words: readonly WordTimes[]): number {
  const sum = (of: (one: WordTimes) => number) => words.reduce((total, one) => total + of(one), 0)
  return sum(({ survivingWords }) => survivingWords) / sum(({ shownWords }) => shownWords)
}

export function liveMedians({ draftMs, words, agents }: Omit<Figures, 'uploadedDraftMs'>): Median[] {
  const p50 = (values: readonly number[]) => summarize(values).p50
  return [
    { what: 'hang-up → draft, p50', unit: 'ms', value: p50(draftMs), better: 'lower' },
    { what: 'utterance → final, p50', unit: 'ms', value: p50(words.flatMap(({ finalMs }) => finalMs)), better: 'lower' },
    { what: 'onset → word, p50', unit: 'ms', value: p50(words.flatMap(({ onsetMs }) => onsetMs)), better: 'lower' },
    { what: 'provisional words that survive', unit: '%', value: survivingShare(words) * 100, better: 'higher' },
    { what: 'agent: processor, p50', unit: 'cores', value: p50(agents.map(({ cores }) => cores)), better: 'lower' },
    { what: 'agent: memory, p50', unit: 'MB', value: p50(agents.map(({ maxRssMB }) => maxRssMB)), better: 'lower' },
  ] // prettier-ignore
}

function linesOf({ draftMs, uploadedDraftMs, words, agents }: Figures): Line[] {
  const draft = summarize(draftMs)
  const uploaded = summarize(uploadedDraftMs)
  const final = summarize(words.flatMap(({ finalMs }) => finalMs))
  const onset = summarize(words.flatMap(({ onsetMs }) => onsetMs))
  const shown = words.reduce((total, { shownWords }) => total + shownWords, 0)
  const surviving = survivingShare(words)
  const cores = summarize(agents.map((one) => one.cores))
  const memory = summarize(agents.map((one) => one.maxRssMB))
  const both = ({ p50, p95 }: { p50: number; p95: number }) => `p50 ${ms(p50)}, p95 ${ms(p95)}`
  return [
    {
      what: 'hang-up → draft with the whole text, on the agent; against uploading first, then transcribing',
      n: draft.n,
      measured: both(draft),
      baseline: both(uploaded),
      ratio: `${times(uploaded.p50 / draft.p50)} faster`,
      target: `p95 ≤ ${ms(MAX_DRAFT_MS)}`,
      verdict: verdictOf(draft.p95 <= MAX_DRAFT_MS),
    },
    {
      what: 'end of an utterance → its final text on the agent',
      n: final.n,
      measured: both(final),
      target: `p95 ≤ ${ms(MAX_FINAL_MS)}`,
      verdict: verdictOf(final.p95 <= MAX_FINAL_MS),
    },
    {
      what: 'speech onset → first provisional word that survives',
      n: onset.n,
      measured: both(onset),
      target: `p50 ≤ ${ms(MAX_ONSET_MS)}`,
      verdict: verdictOf(onset.p50 <= MAX_ONSET_MS),
    },
    {
      what: 'provisional words that survive in the final',
      n: shown,
      measured: `${(surviving * 100).toFixed(0)} %`,
      target: `≥ ${MIN_SURVIVING * 100} %`,
      verdict: verdictOf(surviving >= MIN_SURVIVING),
    },
    {
      what: 'headless agent while recording: processor',
      n: cores.n,
      measured: `${(cores.max * 100).toFixed(1)} % of a core`,
      target: `≤ ${MAX_AGENT_CORES * 100} %`,
      verdict: verdictOf(cores.max <= MAX_AGENT_CORES),
    },
    {
      what: 'headless agent while recording: memory',
      n: memory.n,
      measured: `${memory.max.toFixed(0)} MB`,
      target: `≤ ${MAX_AGENT_MB} MB`,
      verdict: verdictOf(memory.max <= MAX_AGENT_MB),
    },
  ]
}
