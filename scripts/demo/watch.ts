import { draft as draftSchema, utterance as utteranceSchema, type Utterance } from '@3cx-ninja/protocol'
import type { PartLine } from '../site/part.ts'
import type { Screen } from './screen.ts'
import type { RoleName } from '../site/siteState.ts'
import type { Texts } from './texts.ts'

export interface Watch {
  /** Returns the finals that the agent has received, each once. */
  finals(): readonly Utterance[]
  line(from: RoleName, line: PartLine): void
  /** Forwards the PBX's call states to the agent's scripted call source. */
  forwardPbx(to: (step: object) => void): void
}

/** Returns the handlers of the parts' output lines, which write them to the screen. */
export function createWatch(screen: Screen, texts: Texts): Watch {
  const finals = new Map<string, Utterance>()
  let toAgent: (step: object) => void = () => undefined
  let shownDraft = ''

  const fromPbx = (line: PartLine) => {
    switch (line.fact) {
      case 'ringing':
        screen.note(`  ☎ ${texts.rings} · ${String(line.number)}`)
        return toAgent({ action: 'ring', number: line.number, direction: line.direction })
      case 'talking':
        return toAgent({ action: 'talk' })
      case 'hung-up':
        return toAgent({ action: 'hang-up' })
    }
  }
  const fromAgent = (line: PartLine) => {
    if (line.kind === 'utterance') {
      const said = utteranceSchema.parse(line.utterance)
      if (said.state === 'final') finals.set(said.utteranceId, said) // the hub repeats finals after a reconnect
      return screen.utterance(said)
    }
    if (line.kind !== 'draft') return
    const draft = draftSchema.parse(line.draft)
    if (draft.state.at !== 'countdown') return
    if (shownDraft !== draft.draftId) {
      shownDraft = draft.draftId
      screen.heading(texts.draft)
      screen.draft(draft)
    }
    screen.countdown(draft.state.remainingMs, draft.fields.title)
  }
  return {
    finals: () => [...finals.values()],
    line(from, line) {
      if (from === 'pbx') fromPbx(line)
      if (from === 'agent') fromAgent(line)
    },
    forwardPbx: (to) => (toAgent = to),
  }
}

/** Returns the state of the draft in this line of the agent. */
export function draftState(line: PartLine): string | undefined {
  if (line.kind !== 'draft') return undefined
  const parsed = draftSchema.safeParse(line.draft)
  return parsed.success ? parsed.data.state.at : undefined
}
