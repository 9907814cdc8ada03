import path from 'node:path'
import { recordingId as recordingIdSchema, type RecordingId } from '@3cx-ninja/protocol'
import { errorCode, isDiskFull, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { destroyPartFile } from '@3cx-ninja/recording-log/partFile.ts'

/** `erased`: the recording is refused forever, so its mark stays. `retention`: the mark is removed with the files. */
export type RemovalReason = 'erased' | 'retention'
const SUFFIX: Record<RemovalReason, string> = { erased: '.erased', retention: '.removing' }

export interface Removal {
  isErased(recordingId: RecordingId): boolean
  /**
   * Marks the recording, destroys the keys of its parts, then the files. Resolves once they are gone from the disk; rejects
   * when the disk refuses. A removal that was interrupted is finished at the next start.
   */
  remove(recordingId: RecordingId, reason: RemovalReason): Promise<void>
}

/** Opens the removal of recordings and finishes the removals that a crash interrupted. Rejects when the disk refuses. */
export async function openRemoval({ fs, folder }: { fs: FileSystem; folder: string }): Promise<Removal> {
  const erased = new Set<RecordingId>()
  const markOf = (recordingId: RecordingId, reason: RemovalReason) =>
    path.join(folder, `${recordingId}${SUFFIX[reason]}`)

  const mark = async (recordingId: RecordingId, reason: RemovalReason) => {
    const file = await fs.open(markOf(recordingId, reason), 'w+')
    await file.sync().finally(() => file.close())
    await fs.syncFolder(folder)
  }
  const destroy = async (recordingId: RecordingId) => {
    const recordingFolder = path.join(folder, recordingId)
    const names = await fs.list(recordingFolder).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    })
    for (const name of names)
      if (/^\d+\.rec/.test(name)) await destroyPartFile({ fs, path: path.join(recordingFolder, name) })
    await fs.remove(recordingFolder)
    await fs.syncFolder(folder)
  }

  for (const name of await fs.list(folder)) {
    const [, id, suffix] = /^(.+)(\.erased|\.removing)$/.exec(name) ?? []
    const parsed = recordingIdSchema.safeParse(id)
    if (!parsed.success) continue
    if (suffix === SUFFIX.erased) erased.add(parsed.data)
    await destroy(parsed.data)
    if (suffix === SUFFIX.retention) await fs.remove(markOf(parsed.data, 'retention'))
  }

  return {
    isErased: (recordingId) => erased.has(recordingId),
    async remove(recordingId, reason) {
      if (reason === 'erased') erased.add(recordingId)
      const marked = await mark(recordingId, reason).then(
        () => true,
        (error: unknown) => {
          if (!isDiskFull(error)) throw error
          return false // destroying needs no space and frees some: the mark follows
        },
      )
      await destroy(recordingId)
      if (reason === 'retention') await fs.remove(markOf(recordingId, reason))
      else if (!marked) await mark(recordingId, reason)
    },
  }
}
