import type { BoardCall, Draft, DraftFields, Utterance } from '@3cx-ninja/protocol'

/** What an analysis gives for a draft; each verdict with the words it rests on. */
export interface Analysis extends Pick<
  DraftFields,
  'title' | 'description' | 'category' | 'priority' | 'actions'
> {
  readonly sentiment: Draft['sentiment']
  readonly evidence: Draft['evidence']
}

/** `live`: people still talk, and it is read again in a moment. `over`: what the draft is offered with. */
export type AnalysisStage = 'live' | 'over'

/** The port: `rules` answers at once; `llm` asks a local endpoint once the call is over, and falls back to rules. */
export type Analyse = (
  call: BoardCall,
  utterances: readonly Utterance[],
  stage: AnalysisStage,
) => Promise<Analysis>
