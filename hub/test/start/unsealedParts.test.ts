import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import { agentId, callId, encodeFrame, recordingId } from '@3cx-ninja/protocol'
import { nodeFileSystem, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import { aHeader, aRecord } from '../../../recording-log/testing/records.ts'
import { openMasterKey } from '../../src/masterKey.ts'
import { enrollAgent, makeHubFolder, startHubProcess, type HubFolder } from '../../testing/hubProcess.ts'

const UNSEALED = 10_000
/** The limit of a login shell; the service's own is 65,536. */
const FILES = 1_024

/** The disk without its flushes: ten thousand of them would be the whole test. */
const unflushed: FileSystem = {
  ...nodeFileSystem,
  syncFolder: () => Promise.resolve(),
  open: async (file, flags) => {
    const handle = await nodeFileSystem.open(file, flags)
    return {
      read: (into, offset, length, position) => handle.read(into, offset, length, position),
      write: (from, offset, length, position) => handle.write(from, offset, length, position),
      truncate: (length) => handle.truncate(length),
      stat: () => handle.stat(),
      close: () => handle.close(),
      sync: () => Promise.resolve(),
      datasync: () => Promise.resolve(),
    }
  },
}

/** Puts recordings in place whose agent went away before their seal. */
async function addUnsealed(at: HubFolder): Promise<void> {
  const masterKey = await openMasterKey(at, () => undefined)
  const parts = path.join(at.data, 'recordings', 'parts')
  for (let n = 0; n < UNSEALED; n += 1) {
    const id = recordingId.parse(`recording-${String(n).padStart(6, '0')}`)
    await mkdir(path.join(parts, id), { recursive: true, mode: 0o700 })
    const call = callId.parse(`call-${id}`)
    const header = {
      ...aHeader({ recordingId: id, callId: call }),
      agentId: agentId.parse('agent-that-left'),
    }
    const location = { fs: unflushed, masterKey, path: path.join(parts, id, '1.rec') }
    const part = await createPartFile(location, header)
    await part.write([part.encode(aRecord(0))])
    await part.close()
  }
}

it('[R16] starts and stores new sound at ulimit -n 1024 above ten thousand unsealed parts, before and after a kill', async () => {
  await using at = await makeHubFolder()
  await addUnsealed(at)
  let token = ''
  for (const name of ['recording-before', 'recording-after-the-kill']) {
    await using hub = await startHubProcess(at, { files: FILES })
    if (!token) token = (await enrollAgent(hub, await hub.signIn(), 'Anna', '201')).token
    const link = await hub.connect(token)
    link.send({
      kind: 'part-open',
      stream: 1,
      header: aHeader({ recordingId: recordingId.parse(name), callId: callId.parse(`call-${name}`) }),
    })
    expect(await link.next('part-position')).toMatchObject({ position: 0 })
    expect(await link.next('records-flushed')).toMatchObject({ position: 0 })
    link.send(encodeFrame(1, [aRecord(0), aRecord(1)]))
    expect(await link.next('records-flushed')).toMatchObject({ position: 2 })
    const health = (await hub.ask('/health')).json<{ parts: { name: string; state: string }[] }>()
    expect(health.parts.find((part) => part.name === 'disk')?.state).not.toBe('failed')
    link.close()
  }
}, 120_000)
