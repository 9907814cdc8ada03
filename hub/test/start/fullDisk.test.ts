import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { callId, encodeFrame, recordingId } from '@3cx-ninja/protocol'
import { aHeader, aRecord } from '../../../recording-log/testing/records.ts'
import { enrollAgent, makeHubFolder, startHubProcess } from '../../testing/hubProcess.ts'
import { until } from '../adminPage/waiting.ts'

interface Health {
  readonly parts: readonly { readonly name: string; readonly state: string; readonly remedy?: string }[]
}

const DISK_BYTES = 60 * 1_048_576

/** Mounts a small disk in memory; undefined: this user may not. */
function aSmallDisk(): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'tmpfs', folder], {
      stdio: 'ignore',
    })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}

const disk = process.platform === 'linux' ? aSmallDisk() : undefined
const freeBytes = () => {
  const { bavail, bsize } = statfsSync(disk ?? '/')
  return bavail * bsize
}

/** Fills the disk to its last byte, as another program does. */
async function fillWholly(): Promise<string> {
  const file = path.join(disk ?? '', 'of-another-program')
  const handle = await open(file, 'w')
  const chunk = Buffer.alloc(65_536, 1)
  try {
    for (let at = 0; ; at += (await handle.write(chunk, 0, chunk.length, at)).bytesWritten);
  } catch {
    return file
  } finally {
    await handle.close()
  }
}

const header = (name: string) =>
  aHeader({ recordingId: recordingId.parse(name), callId: callId.parse(`call-of-${name}`) })
const frame = (from: number) =>
  encodeFrame(
    1,
    Array.from({ length: 3 }, (_, n) => aRecord(from + n, { payload: Buffer.alloc(16_000, 7) })),
  )

it.skipIf(disk === undefined)(
  '[R17] refuses sound while a flood has left only the reserve, authorizes and signs in on a disk without a byte, and starts there after a kill',
  async () => {
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk ?? ''])
    })
    await using at = await makeHubFolder({}, path.join(disk ?? '', 'data'))
    let hub = await startHubProcess(at)
    const admin = await hub.signIn()
    const { id, token } = await enrollAgent(hub, admin, 'Eve', '201')
    const eve = await hub.connect(token)
    eve.send({ kind: 'part-open', stream: 1, header: header('flood-of-eve') })
    await eve.next('part-position')
    const refused = eve.next('part-refused')
    let isRefused = false
    void refused.then(() => (isRefused = true))
    for (let sent = 0; !isRefused; sent += 3) {
      const left = new Promise((resolve) => eve.socket.send(frame(sent), resolve))
      await Promise.race([left, refused]) // only as fast as the hub reads
    }
    expect(await refused).toMatchObject({
      reason: 'disk-full',
      detail: expect.stringContaining('nearly full'),
    })
    expect(freeBytes()).toBeGreaterThan(DISK_BYTES / 10)
    const anna = await enrollAgent(hub, admin, 'Anna', '202')

    // It comes within seconds of a start: waited for by questions to the hub, each of which takes it some milliseconds.
    for (let asked = 0; asked < 20_000 && !(await exists('ballast')); asked += 1)
      await admin('/api/admin/overview')
    const filler = await fillWholly()
    const link = await hub.connect(anna.token)
    await until('the full disk is named', async () => {
      const { parts } = (await admin('/api/admin/overview')).json<Health>()
      const part = parts.find(({ name }) => name === 'disk')
      return part?.state === 'failed' && part.remedy?.includes('Free space') === true
    })
    link.close()

    await hub.kill()
    hub = await startHubProcess(at)
    onTestFinished(() => hub.kill())
    const again = await hub.connect(anna.token)
    again.send({ kind: 'part-open', stream: 1, header: header('call-of-anna') })
    expect(await again.next('part-refused')).toMatchObject({ reason: 'disk-full' })

    // The administrator signs in, deletes what filled the disk, and everybody goes on.
    const page = await hub.signIn()
    await rm(filler)
    const deleted = await page(`/api/admin/agents/${id}/delete-recordings`, 'POST', { name: 'Eve' })
    expect(deleted.json()).toMatchObject({ deleted: 1 })
    const isWell = async () => {
      const { parts } = (await page('/api/admin/overview')).json<Health>()
      return parts.find(({ name }) => name === 'disk')?.state !== 'failed'
    }
    await until('the disk has room', isWell)
    again.send({ kind: 'part-open', stream: 2, header: header('call-of-anna') })
    expect(await again.next('part-position')).toMatchObject({ position: 0 })
    again.close()
  },
  90_000,
)

async function exists(name: string): Promise<boolean> {
  return open(path.join(disk ?? '', 'data', name))
    .then((handle) => handle.close())
    .then(
      () => true,
      () => false,
    )
}
