import path from 'node:path'
import { recordingId as recordingIdSchema, type RecordingId } from '@3cx-ninja/protocol'
import { errorCode, isDiskFull, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { destroyPartFile } from '@3cx-ninja/recording-log/partFile.ts'

/** erased: refused for ever, so the mark stays. retention: the mark goes with the files. */
export type RemovalReason = 'erased' | 'retention'
const SUFFIX: Record<RemovalReason, string> = { erased: '.erased', retention: '.removing' }

export interface Removal {
  isErased(recordingId: RecordingId): boolean
  /** Marks the recording, destroys the keys of its parts, then the files. Cut short, it is finished at the next start. */
  remove(recordingId: RecordingId, why: RemovalReason): Promise<void>
}

/** Destroying recordings; opening finishes what a crash interrupted. */
export async function openRemoval({ fs, folder }: { fs: FileSystem; folder: string }): Promise<Removal> {
  const erased = new Set<RecordingId>()
  const markOf = (recordingId: RecordingId, why: RemovalReason) =>
    path.join(folder, `${recordingId}${SUFFIX[why]}`)

  const mark = async (recordingId: RecordingId, why: RemovalReason) => {
    const file = await fs.open(markOf(recordingId, why), 'w+')
    await file.sync().finally(() => file.close())
    await fs.syncFolder(folder)
  }
  const destroy = async (recordingId: RecordingId) => {
    const home = path.join(folder, recordingId)
    const names = await fs.list(home).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    })
    for (const name of names)
      if (/^\d+\.rec/.test(name)) await destroyPartFile({ fs, path: path.join(home, name) })
    await fs.remove(home)
    await fs.syncFolder(folder)
  }

  for (const name of await fs.list(folder)) {
    const [, word, suffix] = /^(.+)(\.erased|\.removing)$/.exec(name) ?? []
    const parsed = recordingIdSchema.safeParse(word)
    if (!parsed.success) continue
    if (suffix === SUFFIX.erased) erased.add(parsed.data)
    await destroy(parsed.data)
    if (suffix === SUFFIX.retention) await fs.remove(markOf(parsed.data, 'retention'))
  }

  return {
    isErased: (recordingId) => erased.has(recordingId),
    async remove(recordingId, why) {
      if (why === 'erased') erased.add(recordingId)
      const marked = await mark(recordingId, why).then(
        () => true,
        (error: unknown) => {
          if (!isDiskFull(error)) throw error
          return false // destroying needs no space and makes some: the mark follows
        },
      )
      await destroy(recordingId)
      if (why === 'retention') await fs.remove(markOf(recordingId, why))
      else if (!marked) await mark(recordingId, why)
    },
  }
}
