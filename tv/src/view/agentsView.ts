import type { WallboardAgent } from '@3cx-ninja/protocol'
import type { Board } from '../board/board.ts'
import type { Texts } from '../texts/texts.ts'
import { wallboardTuning } from '../tuning.ts'

export interface AgentRow {
  readonly key: string
  readonly name: string
  readonly state: WallboardAgent['state']
  readonly stateLabel: string
  readonly since: string
  /** A caller has waited too long on this telephone. */
  readonly late: boolean
}

export interface AgentsView {
  readonly title: string
  /** One column with words while it fits, else two columns with icons. */
  readonly layout: 'rows' | 'cells'
  readonly rows: readonly AgentRow[]
  readonly more: string
  readonly empty: string
}

const RANK: Readonly<Record<WallboardAgent['state'], number>> = {
  ringing: 0,
  talking: 1,
  held: 1,
  'wrap-up': 2,
  available: 3,
  offline: 4,
}

/** Returns the technicians: those on a call first, offline ones last, by name among equals. */
export function viewAgents(board: Board, hubMs: number, texts: Texts): AgentsView {
  const agents = [...board.agents.values()].sort(
    (a, b) => RANK[a.state] - RANK[b.state] || a.name.localeCompare(b.name, texts.language),
  )
  const layout = agents.length <= wallboardTuning.agentRows ? 'rows' : 'cells'
  const shown = agents.slice(0, layout === 'rows' ? wallboardTuning.agentRows : wallboardTuning.agentCells)
  const hidden = agents.length - shown.length
  return {
    title: titleOf(agents, texts),
    layout,
    rows: shown.map((agent) => ({
      key: agent.agentId,
      name: agent.name || texts.t('agents.extension', { extension: agent.extension }),
      state: agent.state,
      stateLabel: texts.t(`agent.${agent.state}`),
      since: sinceOf(agent, { hubMs, layout }, texts),
      late: isLate(agent, hubMs),
    })),
    more: hidden > 0 ? texts.plural('agents.more', hidden) : '',
    empty: agents.length > 0 || board.figures === null ? '' : texts.t('agents.none'),
  }
}

const LATE: Readonly<Partial<Record<WallboardAgent['state'], number>>> = {
  ringing: wallboardTuning.ringLateMs,
  held: wallboardTuning.holdLateMs,
}
const isLate = ({ state, sinceMs }: WallboardAgent, hubMs: number): boolean =>
  hubMs - sinceMs >= (LATE[state] ?? Infinity)

/** Returns 'Techniciens : 3 sur 6 en appel', counting those online, or the bare word when all are offline. */
function titleOf(agents: readonly WallboardAgent[], { t, count }: Texts): string {
  const there = agents.filter(({ state }) => state !== 'offline')
  const busy = there.filter(({ state }) => state === 'talking' || state === 'held')
  if (there.length === 0) return t('agents.title')
  return t('agents.busy', { busy: count(busy.length), there: count(there.length) })
}

/** Returns the time of a state. In cells, names take the room, so only a telephone in use shows its time. */
function sinceOf(
  { state, sinceMs }: WallboardAgent,
  { hubMs, layout }: { readonly hubMs: number; readonly layout: AgentsView['layout'] },
  texts: Texts,
): string {
  if (state === 'talking' || state === 'held' || state === 'ringing') return texts.running(hubMs - sinceMs)
  return layout === 'cells' ? '' : texts.glance(hubMs - sinceMs)
}
