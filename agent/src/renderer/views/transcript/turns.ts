import type { DeskLine } from '../../../ipc/deskSnapshot.ts'

type Words = Extract<DeskLine, { kind: 'words' }>
type Mark = Extract<DeskLine, { kind: 'mark' }>
type Device = Extract<DeskLine, { kind: 'device' }>

/** A turn holds the lines of one speaker until the other speaks; marks and changed devices stand between turns. */
export type Turn =
  | {
      readonly kind: 'turn'
      readonly speaker: Words['speaker']
      readonly lines: readonly [Words, ...Words[]]
    }
  | { readonly kind: 'mark'; readonly mark: Mark }
  | { readonly kind: 'device'; readonly device: Device }

/** A silence of this length begins a new turn, with a new time, even for the same speaker. */
const GAP_MS = 20_000

/** Returns the lines grouped into turns, marks and device changes, in the given order. */
export function toTurns(lines: readonly DeskLine[]): readonly Turn[] {
  const turns: Turn[] = []
  for (const line of lines) {
    const last = turns.at(-1)
    if (line.kind === 'mark') turns.push({ kind: 'mark', mark: line })
    else if (line.kind === 'device') turns.push({ kind: 'device', device: line })
    else if (last?.kind === 'turn' && isSameTurn(last.lines, line))
      turns[turns.length - 1] = { ...last, lines: [...last.lines, line] }
    else turns.push({ kind: 'turn', speaker: line.speaker, lines: [line] })
  }
  return turns
}

function isSameTurn(before: readonly Words[], line: Words): boolean {
  const last = before.at(-1)
  return last?.speaker === line.speaker && last.part === line.part && line.fromMs - last.toMs < GAP_MS
}
