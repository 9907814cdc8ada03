import path from 'node:path'
import { recordingId as recordingIdSchema, type Clock, type RecordingId } from '@3cx-ninja/protocol'
import { errorCode, isDiskFull, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { destroyPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import { openErasureList, type ErasureList } from './erasureList.ts'

/** `erased`: the recording is refused from now on, so it stays on the list. `retention`: its mark is removed with the files. */
export type RemovalReason = 'erased' | 'retention'
/** The name of the file that marks a removal by retention until it is complete. */
const REMOVING = '.removing'
/** The name of the files in which an older hub kept one erasure each. */
const ERASED = '.erased'

export interface Removal {
  isErased(recordingId: RecordingId): boolean
  /**
   * Marks the recording, destroys the keys of its parts, then the files. Resolves once they are gone from the disk; rejects
   * when the disk refuses. A removal that was interrupted is finished at the next start.
   */
  remove(recordingId: RecordingId, reason: RemovalReason): Promise<void>
  /** Resolves once the list of erasures is closed. */
  stop(): Promise<void>
}

export interface RemovalNeeds {
  readonly fs: FileSystem
  readonly folder: string
  /** The list of erasures: outside the data, so that a copy of the data that is put back is cleaned at the next start. */
  readonly erasuresFile: string
  readonly clock: Pick<Clock, 'nowMs'>
}

/**
 * Opens the removal of recordings, finishes the removals that a crash interrupted, and destroys what is on the list and is
 * there again. Rejects when the disk refuses.
 */
export async function openRemoval(needs: RemovalNeeds): Promise<Removal> {
  const { fs, folder, clock, erasuresFile } = needs
  const erasures = await openErasureList({ fs, clock, file: erasuresFile })
  const names = await fs.list(folder)
  await finish(needs, erasures, names)
  const there = new Set(names)
  for (const recordingId of erasures.ids()) if (there.has(recordingId)) await destroy(needs, recordingId)
  const markOf = (recordingId: RecordingId) => path.join(folder, `${recordingId}${REMOVING}`)

  const markRemoving = async (recordingId: RecordingId) => {
    const file = await fs.open(markOf(recordingId), 'w+')
    await file.sync().finally(() => file.close())
    await fs.syncFolder(folder)
  }
  return {
    isErased: (recordingId) => erasures.has(recordingId),
    stop: () => erasures.close(),
    async remove(recordingId, reason) {
      const mark = () => (reason === 'erased' ? erasures.add(recordingId) : markRemoving(recordingId))
      const marked = await mark().then(
        () => true,
        (error: unknown) => {
          if (!isDiskFull(error)) throw error
          return false // destroying needs no space and frees some: the mark follows
        },
      )
      await destroy(needs, recordingId)
      if (reason === 'retention') await fs.remove(markOf(recordingId))
      else if (!marked) await mark()
    },
  }
}

/** Finishes what a crash interrupted, and takes the erasures of an older hub into the list. */
async function finish(needs: RemovalNeeds, erasures: ErasureList, names: readonly string[]): Promise<void> {
  const marks = names.flatMap((name) => {
    const [, id, suffix] = /^(.+)(\.erased|\.removing)$/.exec(name) ?? []
    const parsed = recordingIdSchema.safeParse(id)
    return parsed.success ? [{ name, recordingId: parsed.data, isErased: suffix === ERASED }] : []
  })
  const erased = marks.filter(({ isErased }) => isErased)
  await Promise.all(erased.map(({ recordingId }) => erasures.add(recordingId)))
  for (const { name, recordingId } of marks) {
    await destroy(needs, recordingId)
    await needs.fs.remove(path.join(needs.folder, name))
  }
}

async function destroy({ fs, folder }: RemovalNeeds, recordingId: RecordingId): Promise<void> {
  const recordingFolder = path.join(folder, recordingId)
  const names = await fs.list(recordingFolder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (!names) return // it never came here
  for (const name of names)
    if (/^\d+\.rec/.test(name)) await destroyPartFile({ fs, path: path.join(recordingFolder, name) })
  await fs.remove(recordingFolder)
  await fs.syncFolder(folder)
}
