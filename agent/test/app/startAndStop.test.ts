import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { describe, expect, it } from 'vitest'
import { startWhole } from '../../src/main/process/startWhole.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { startWeb } from '../../src/main/web/start.ts'
import { parseWebArguments } from '../../src/main/web/webArguments.ts'
import { startFakeHub, type FakeHub } from '../../testing/fakeHub.ts'
import { aFolder } from '../../testing/sounds.ts'

const NAMES = ['recordings', 'hub', 'recorder', 'calls']

describe('the parts of an agent', () => {
  it.each(NAMES)(
    'every opened part is closed again when opening the %s fails, and the start rejects with the reason',
    async (failing) => {
      const open = new Set<string>()
      const starting = startWhole(silentLogger, async (closers) => {
        for (const name of NAMES) {
          await Promise.resolve()
          if (name === failing) throw new Error(`no ${name}`)
          open.add(name)
          closers.add(name, () => open.delete(name))
        }
        return 'started'
      })
      await expect(starting).rejects.toThrow(`no ${failing}`)
      expect([...open]).toEqual([])
    },
  )
})

/** Starts an agent with its window in `folder`; a fault in the folder is there before the start. */
async function aStart(hub: FakeHub, folder: string, port = 0) {
  await writeFile(`${folder}/index.html`, '<h1>page</h1>')
  const args = ['--hub', hub.url, '--enrollment-key', hub.enrollmentKey, '--extension', '201']
  const started = await startWeb({
    arguments: parseWebArguments([
      ...args,
      '--data',
      `${folder}/data`,
      '--page',
      folder,
      '--port',
      String(port),
    ]),
    environment: {},
    clock: systemClock,
    random: Math.random,
    newId: () => randomUUID(),
    log: silentLogger,
    version: '0.1.0',
  })
  started.agent.refused.catch(() => undefined)
  return started
}

describe('an agent whose start fails half-way', () => {
  it.each([
    ['the reports of calls', 'calls.json'],
    ['the drafts', 'pending-changes.json'],
    ['the rules of the hub', 'hub-rules.json'],
  ])(
    'an agent that cannot start because %s cannot be read leaves nothing open, and starts once they can',
    async (_what, name) => {
      await using hub = await startFakeHub()
      await using folder = await aFolder()
      await mkdir(`${folder.path}/data/${name}`, { recursive: true })
      await expect(aStart(hub, folder.path)).rejects.toThrow(name)
      expect(hub.isLinked()).toBe(false)
      await rm(`${folder.path}/data/${name}`, { recursive: true })
      const agent = await aStart(hub, folder.path)
      await hub.until('the link', () => hub.isLinked())
      await agent.stop()
    },
  )

  it('an agent whose start fails after its link opened leaves the hub', async () => {
    await using hub = await startFakeHub()
    await using folder = await aFolder()
    await mkdir(`${folder.path}/data`, { recursive: true })
    await writeFile(`${folder.path}/data/playback`, 'a file where a folder should be')
    await expect(aStart(hub, folder.path)).rejects.toThrow(/playback/)
    await hub.until('the link to end', () => !hub.isLinked())
  })

  it('an agent whose start fails because the port of its window is in use leaves the hub', async () => {
    await using hub = await startFakeHub()
    await using folder = await aFolder()
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    await expect(aStart(hub, folder.path, (other.address() as AddressInfo).port)).rejects.toThrow()
    await hub.until('the link to end', () => !hub.isLinked())
    other.close()
  })
})
