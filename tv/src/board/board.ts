import type {
  AgentId,
  HubToWallboard,
  WallboardAgent,
  WallboardCall,
  WallboardFigures,
  WallboardKey,
  WallboardTicket,
} from '@3cx-ninja/protocol'
import { inSpeakingOrder, withLine } from './lines.ts'

/** The current state of everything that the hub has sent to this wallboard. */
export interface Board {
  readonly calls: ReadonlyMap<WallboardKey, WallboardCall>
  readonly agents: ReadonlyMap<AgentId, WallboardAgent>
  readonly tickets: readonly WallboardTicket[]
  /** null until the hub has sent the first figures. */
  readonly figures: WallboardFigures | null
}

export const emptyBoard: Board = { calls: new Map(), agents: new Map(), tickets: [], figures: null }

/** Returns the board after one message of the hub. Rules T1 and T3 of PROTOCOL.md. */
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
      // The erasure of a recording removes its words at once.
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
        // A new day has begun at the hub: yesterday's tickets are no longer today's.
        tickets: board.tickets.filter(({ filedAtMs }) => filedAtMs >= message.figures.sinceMs),
      }
  }
}
