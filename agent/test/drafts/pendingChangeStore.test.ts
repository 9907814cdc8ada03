import { readFile, writeFile } from 'node:fs/promises'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { describe, expect, it } from 'vitest'
import { draftId } from '@3cx-ninja/protocol'
import { withEdit } from '../../src/main/drafts/pendingChange.ts'
import { openPendingChangeStore } from '../../src/main/drafts/pendingChangeStore.ts'
import { aDraft } from '../../testing/drafts.ts'
import { aFolder } from '../../testing/sounds.ts'

const ID = draftId.parse('draft-0001')
const pending = withEdit(undefined, aDraft(), { title: 'Un secret' })

async function aStore(key = Buffer.alloc(32, 7)) {
  const folder = await aFolder()
  const broken: string[] = []
  const file = `${folder.path}/pending-changes.json`
  const open = (with_ = key) =>
    openPendingChangeStore({
      path: file,
      masterKey: createMasterKey(with_),
      onBroken: ({ keptAs }) => broken.push(keptAs),
    })
  return { folder, file, open, broken, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('what technicians want of drafts, on the disk', () => {
  it('a pending change is restored after a restart, until the hub has accepted it', async () => {
    await using kept = await aStore()
    const store = await kept.open()
    await store.keep(ID, pending)
    expect((await kept.open()).all()).toEqual([pending])
    await store.keep(ID, undefined)
    expect((await kept.open()).all()).toEqual([])
  })

  it('a pending change is unreadable in its file', async () => {
    await using kept = await aStore()
    await (await kept.open()).keep(ID, pending)
    const text = await readFile(kept.file, 'utf8')
    expect(text).not.toContain('secret')
    expect(text).not.toContain('draft-0001')
  })

  it('a pending change file that was tampered with or written under another key is moved aside and reported', async () => {
    await using kept = await aStore()
    await (await kept.open()).keep(ID, pending)
    expect((await kept.open(Buffer.alloc(32, 8))).all()).toEqual([])
    expect(kept.broken).toEqual([`${kept.file}.broken`])
    await writeFile(kept.file, '{"box":')
    expect((await kept.open()).all()).toEqual([])
  })
})
