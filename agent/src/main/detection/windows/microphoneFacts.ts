import type { CallFact } from '../../call/callState.ts'
import type { MicrophoneUse } from './consentEntries.ts'

/**
 * What changed between two looks, as facts. A use that began anew was let go of in between, also where we did not see it:
 * the call machine joins the two if they lie close together.
 */
export function microphoneFacts(
  before: readonly MicrophoneUse[],
  now: readonly MicrophoneUse[],
): readonly CallFact[] {
  const goesOn = (use: MicrophoneUse, others: readonly MicrophoneUse[]) =>
    others.some(({ app, sinceMs }) => app === use.app && sinceMs === use.sinceMs)
  const ended = before.filter((use) => !goesOn(use, now))
  const begun = now.filter((use) => !goesOn(use, before))
  return [
    ...ended.map(({ app }): CallFact => ({ source: 'microphone', tells: 'ended', leg: app })),
    ...begun.map(({ app }): CallFact => ({ source: 'microphone', tells: 'talking', leg: app })),
  ]
}
