import { describe, expect, it } from 'vitest'
import { applyMessage, emptyBoard, type Board } from '../../src/board/board.ts'
import {
  START_MS,
  aCall,
  aLine,
  aSnapshot,
  aTicket,
  anAgent,
  someFigures,
} from '../../testing/wallboardWords.ts'

const boardWith = (changes: Parameters<typeof aSnapshot>[0]): Board =>
  applyMessage(emptyBoard, aSnapshot(changes))
const texts = (board: Board) =>
  [...board.calls.values()].flatMap(({ utterances: lines }) => lines.map(({ text }) => text))

describe('the board', () => {
  it('[T1] replaces the whole board by a snapshot', () => {
    const old = boardWith({ calls: [aCall('1')], agents: [anAgent('Nadia')], tickets: [aTicket(1)] })
    const next = applyMessage(old, aSnapshot({ calls: [aCall('2')] }))
    expect([...next.calls.keys()]).toEqual([aCall('2').callId])
    expect(next.agents.size).toBe(0)
    expect(next.tickets).toEqual([])
  })

  it('keeps the words of a call when only its state changes', () => {
    const { utterances: _, ...held } = aCall('1', { phase: 'held' })
    const board = applyMessage(boardWith({ calls: [aCall('1', { utterances: [aLine('a')] })] }), {
      kind: 'wallboard-call',
      call: held,
    })
    expect(board.calls.get(held.callId)?.phase).toBe('held')
    expect(texts(board)).toEqual(['words of a'])
  })

  it('drops the words of an erased recording at once, and ignores later ones', () => {
    const { utterances: _, ...erased } = aCall('1', { recording: 'erased' })
    let board = applyMessage(boardWith({ calls: [aCall('1', { utterances: [aLine('a')] })] }), {
      kind: 'wallboard-call',
      call: erased,
    })
    board = applyMessage(board, { kind: 'wallboard-utterance', callId: erased.callId, utterance: aLine('b') })
    expect(texts(board)).toEqual([])
  })

  it('[T3] ignores words of an unknown call, and removes a call that has left', () => {
    const stranger = aCall('9').callId
    const board = boardWith({ calls: [aCall('1', { utterances: [aLine('a')] })] })
    expect(
      applyMessage(board, { kind: 'wallboard-utterance', callId: stranger, utterance: aLine('b') }),
    ).toBe(board)
    const gone = applyMessage(board, { kind: 'wallboard-call-gone', callId: aCall('1').callId })
    expect(gone.calls.size).toBe(0)
  })

  it('shows a ticket once when the hub sends it twice', () => {
    let board = boardWith({})
    for (const title of ['first', 'edited'])
      board = applyMessage(board, { kind: 'wallboard-ticket', ticket: aTicket(7, { title }) })
    expect(board.tickets.map(({ title }) => title)).toEqual(['edited'])
  })

  it('removes yesterday’s tickets when the hub’s figures begin a new day', () => {
    const board = applyMessage(
      boardWith({ tickets: [aTicket(1), aTicket(2, { filedAtMs: START_MS + 90_000 })] }),
      {
        kind: 'wallboard-figures',
        figures: someFigures({ sinceMs: START_MS + 60_000 }),
      },
    )
    expect(board.tickets.map(({ ticketId }) => ticketId)).toEqual(['2'])
  })
})
