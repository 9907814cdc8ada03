import { openCallSite } from '../calls/openCallSite.ts'
import { playCall } from '../calls/playCall.ts'
import { uploadThenTranscribe, type Uploaded } from '../calls/uploadThenTranscribe.ts'
import { ms, times, verdictOf, type Line, type Row } from '../row.ts'
import { summarize } from '../statistics.ts'

const SPEED = 8
const MAX_DRAFT_MS = 1_500
const MIN_RATIO = 10
const LENGTHS = [
  { name: '5 min', seconds: 300, repeats: 1, minRatio: undefined },
  { name: '30 min', seconds: 1_800, repeats: 1, minRatio: MIN_RATIO },
] as const

interface Measured {
  readonly name: string
  readonly minRatio: number | undefined
  readonly draftMs: number[]
  readonly uploaded: Uploaded[]
}

/** Long calls, played eight times faster: the draft must be as fast as after a short call. */
export const long: Row = {
  name: 'long',
  title: `Long calls, replayed at ${SPEED}×`,
  async run({ folder, onProgress }) {
    onProgress(0, 'starting hub and worker')
    const { site, sounds, workers, speed, decoders } = await openCallSite(folder)
    const whole = LENGTHS.reduce((sum, { seconds, repeats }) => sum + seconds * repeats, 0)
    let done = 0
    try {
      const measured: Measured[] = []
      for (const { name, seconds, repeats, minRatio } of LENGTHS) {
        const one: Measured = { name, minRatio, draftMs: [], uploaded: [] }
        measured.push(one)
        for (let index = 0; index < repeats; index++) {
          onProgress((done / whole) * 100, `${name}, call ${index + 1} of ${repeats}`)
          const call = await sounds.make({ seconds, first: index % 3 })
          const agent = `agent-${seconds}${index}`
          const played = await playCall({ site, folder, name: agent, call, speed: SPEED })
          const uploaded = await uploadThenTranscribe({ site, workers, call })
          if (played.transcript !== 'complete' || uploaded.transcript !== 'complete')
            throw new Error(`a draft of ${name} came without its text`)
          one.draftMs.push(played.draftMs)
          one.uploaded.push(uploaded)
          done += seconds
        }
      }
      const medians = measured.map(
        ({ name, draftMs }) =>
          ({ what: `${name}: hang-up → draft, p50`, unit: 'ms', value: summarize(draftMs).p50, better: 'lower' }) as const,
      ) // prettier-ignore
      return { lines: measured.map(lineOf), medians, figures: { worker: { speed, decoders }, measured } }
    } finally {
      await site.stop()
    }
  },
}

function lineOf({ name, minRatio, draftMs, uploaded }: Measured): Line {
  const draft = summarize(draftMs)
  const after = summarize(uploaded.map((one) => one.draftMs))
  const ratio = after.p50 / draft.p50
  return {
    what: `${name} at ${SPEED}×: hang-up → draft with the whole text, on the agent; against uploading first, then transcribing`,
    n: draft.n,
    measured: `longest ${ms(draft.max)}`,
    baseline: `longest ${ms(after.max)}`,
    ratio: `${times(ratio)} faster`,
    target: `≤ ${ms(MAX_DRAFT_MS)}${minRatio === undefined ? '' : `, ≥ ${minRatio}× faster`}`,
    verdict: verdictOf(draft.max <= MAX_DRAFT_MS && ratio >= (minRatio ?? 0)),
  }
}
