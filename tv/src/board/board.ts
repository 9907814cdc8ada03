import type {
  AgentId,
  CallId,
  HubToWall,
  WallAgent,
  WallCall,
  WallFigures,
  WallTicket,
} from '@3cx-ninja/protocol'
import { inSpeakingOrder, withLine } from './lines.ts'

/** Everything the hub told this wall, as it stands now. */
export interface Board {
  readonly calls: ReadonlyMap<CallId, WallCall>
  readonly agents: ReadonlyMap<AgentId, WallAgent>
  readonly tickets: readonly WallTicket[]
  /** null: the hub said nothing yet. */
  readonly figures: WallFigures | null
}

export const emptyBoard: Board = { calls: new Map(), agents: new Map(), tickets: [], figures: null }

/** The board after one message of the hub. Rules T1 and T3 of PROTOCOL.md. */
export function applyMessage(board: Board, message: HubToWall): Board {
  switch (message.kind) {
    case 'wall-snapshot':
      return {
        calls: new Map(
          message.calls.map((call) => [call.callId, { ...call, lines: [...inSpeakingOrder(call.lines)] }]),
        ),
        agents: new Map(message.agents.map((agent) => [agent.agentId, agent])),
        tickets: message.tickets,
        figures: message.figures,
      }
    case 'wall-call': {
      const { callId } = message.call
      const lines = board.calls.get(callId)?.lines ?? []
      // Sound erased on request takes its words along, at once.
      const kept = message.call.recording === 'erased' ? [] : lines
      return { ...board, calls: new Map(board.calls).set(callId, { ...message.call, lines: kept }) }
    }
    case 'wall-call-gone': {
      const calls = new Map(board.calls)
      calls.delete(message.callId)
      return { ...board, calls }
    }
    case 'wall-utterance': {
      const call = board.calls.get(message.callId)
      if (!call || call.recording === 'erased') return board
      const lines = [...withLine(call.lines, message.utterance)]
      return { ...board, calls: new Map(board.calls).set(call.callId, { ...call, lines }) }
    }
    case 'wall-agent':
      return { ...board, agents: new Map(board.agents).set(message.agent.agentId, message.agent) }
    case 'wall-ticket': {
      const others = board.tickets.filter(({ ticketId }) => ticketId !== message.ticket.ticketId)
      return { ...board, tickets: [...others, message.ticket] }
    }
    case 'wall-figures':
      return {
        ...board,
        figures: message.figures,
        // A new day began at the hub: yesterday's tickets are no longer "today".
        tickets: board.tickets.filter(({ filedAtMs }) => filedAtMs >= message.figures.sinceMs),
      }
  }
}
