import type { CallAudio } from '../../../ipc/channels.ts'
import type { DeskLine } from '../../../ipc/deskSnapshot.ts'
import { positionOf } from '../../stores/soundStore.ts'

/** Returns the id of the line spoken at this position of the recording; between two lines, that of the earlier. */
export function lineAt(
  lines: readonly DeskLine[],
  audio: Pick<Extract<CallAudio, { at: 'here' }>, 'starts'>,
  positionMs: number,
): string | undefined {
  return lines.findLast((line) => line.kind === 'words' && positionOf(audio, line) <= positionMs)?.id
}
