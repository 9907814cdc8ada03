import type { WallAgent } from '@3cx-ninja/protocol'
import type { Board } from '../board/board.ts'
import type { Texts } from '../texts/texts.ts'
import { wallTuning } from '../tuning.ts'

export interface AgentRow {
  readonly key: string
  readonly name: string
  readonly state: WallAgent['state']
  readonly stateLabel: string
  readonly since: string
}

export interface AgentsView {
  readonly title: string
  /** One column with words while there is room, two with signs beyond. */
  readonly layout: 'rows' | 'cells'
  readonly rows: readonly AgentRow[]
  readonly more: string
  readonly empty: string
}

const RANK: Readonly<Record<WallAgent['state'], number>> = {
  ringing: 0,
  talking: 1,
  held: 1,
  'wrap-up': 2,
  available: 3,
  offline: 4,
}

/** The technicians: who is on the telephone first, who is away last; by name among equals. */
export function viewAgents(board: Board, hubMs: number, texts: Texts): AgentsView {
  const agents = [...board.agents.values()].sort(
    (a, b) => RANK[a.state] - RANK[b.state] || a.name.localeCompare(b.name, texts.language),
  )
  const layout = agents.length <= wallTuning.agentRows ? 'rows' : 'cells'
  const shown = agents.slice(0, layout === 'rows' ? wallTuning.agentRows : wallTuning.agentCells)
  const hidden = agents.length - shown.length
  return {
    title: texts.t('agents.title'),
    layout,
    rows: shown.map((agent) => ({
      key: agent.agentId,
      name: agent.name || texts.t('agents.extension', { extension: agent.extension }),
      state: agent.state,
      stateLabel: texts.t(`agent.${agent.state}`),
      since: sinceOf(agent, { hubMs, layout }, texts),
    })),
    more: hidden > 0 ? texts.plural('agents.more', hidden) : '',
    empty: agents.length > 0 || board.figures === null ? '' : texts.t('agents.none'),
  }
}

/** In cells the room goes to the names: only a telephone in use has its time there. */
function sinceOf(
  { state, sinceMs }: WallAgent,
  { hubMs, layout }: { readonly hubMs: number; readonly layout: AgentsView['layout'] },
  texts: Texts,
): string {
  if (state === 'talking' || state === 'held' || state === 'ringing') return texts.running(hubMs - sinceMs)
  return layout === 'cells' ? '' : texts.glance(hubMs - sinceMs)
}
