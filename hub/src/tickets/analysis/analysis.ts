import type { BoardCall, Draft, DraftFields, Utterance } from '@3cx-ninja/protocol'

/** The fields that an analysis fills in a draft; each verdict comes with the words that it rests on. */
export interface Analysis extends Pick<
  DraftFields,
  'title' | 'description' | 'category' | 'priority' | 'actions'
> {
  readonly sentiment: Draft['sentiment']
  readonly evidence: Draft['evidence']
}

/** `live`: the call goes on and is analyzed again within seconds. `over`: the analysis of the offered draft. */
export type AnalysisStage = 'live' | 'over'

/** The port of an analysis: `rules` answers at once; `llm` asks a local endpoint after the call, and falls back to rules. */
export type Analyse = (
  call: BoardCall,
  utterances: readonly Utterance[],
  stage: AnalysisStage,
) => Promise<Analysis>
