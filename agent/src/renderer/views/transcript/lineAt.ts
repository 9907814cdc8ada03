import type { CallAudio } from '../../../ipc/channels.ts'
import type { DeskLine } from '../../../ipc/deskSnapshot.ts'
import { positionOf } from '../../stores/soundStore.ts'

/** Id of the line that is said at this place of the sound; between lines, the one before. */
export function lineAt(
  lines: readonly DeskLine[],
  audio: Pick<Extract<CallAudio, { at: 'here' }>, 'starts'>,
  positionMs: number,
): string | undefined {
  return lines.findLast((line) => line.kind === 'words' && positionOf(audio, line) <= positionMs)?.id
}
