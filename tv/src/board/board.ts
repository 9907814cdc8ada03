import type {
  AgentId,
  CallId,
  HubToWallboard,
  WallboardAgent,
  WallboardCall,
  WallboardFigures,
  WallboardTicket,
} from '@3cx-ninja/protocol'
import { inSpeakingOrder, withLine } from './lines.ts'

/** Everything the hub told this wallboard, as it stands now. */
export interface Board {
  readonly calls: ReadonlyMap<CallId, WallboardCall>
  readonly agents: ReadonlyMap<AgentId, WallboardAgent>
  readonly tickets: readonly WallboardTicket[]
  /** null: the hub said nothing yet. */
  readonly figures: WallboardFigures | null
}

export const emptyBoard: Board = { calls: new Map(), agents: new Map(), tickets: [], figures: null }

/** The board after one message of the hub. Rules T1 and T3 of PROTOCOL.md. */
export function applyMessage(board: Board, message: HubToWallboard): Board {
  switch (message.kind) {
    case 'wallboard-snapshot':
      return {
        calls: new Map(
          message.calls.map((call) => [
            call.callId,
            { ...call, lines: [...inSpeakingOrder(call.utterances)] },
          ]),
        ),
        agents: new Map(message.agents.map((agent) => [agent.agentId, agent])),
        tickets: message.tickets,
        figures: message.figures,
      }
    case 'wallboard-call': {
      const { callId } = message.call
      const lines = board.calls.get(callId)?.utterances ?? []
      // Sound erased on request takes its words along, at once.
      const kept = message.call.recording === 'erased' ? [] : lines
      return { ...board, calls: new Map(board.calls).set(callId, { ...message.call, utterances: kept }) }
    }
    case 'wallboard-call-gone': {
      const calls = new Map(board.calls)
      calls.delete(message.callId)
      return { ...board, calls }
    }
    case 'wallboard-utterance': {
      const call = board.calls.get(message.callId)
      if (!call || call.recording === 'erased') return board
      const lines = [...withLine(call.utterances, message.utterance)]
      return { ...board, calls: new Map(board.calls).set(call.callId, { ...call, utterances: lines }) }
    }
    case 'wallboard-agent':
      return { ...board, agents: new Map(board.agents).set(message.agent.agentId, message.agent) }
    case 'wallboard-ticket': {
      const others = board.tickets.filter(({ ticketId }) => ticketId !== message.ticket.ticketId)
      return { ...board, tickets: [...others, message.ticket] }
    }
    case 'wallboard-figures':
      return {
        ...board,
        figures: message.figures,
        // A new day began at the hub: yesterday's tickets are no longer "today".
        tickets: board.tickets.filter(({ filedAtMs }) => filedAtMs >= message.figures.sinceMs),
      }
  }
}
