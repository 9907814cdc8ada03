import { chmod, mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { DAY_MS } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openDatabase } from '../../src/database/openDatabase.ts'
import { watchDatabase } from '../../src/start/watchDatabase.ts'
import { startHub } from '../../testing/startHub.ts'

const PAGE_BYTES = 4_096

async function aDatabase(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hub-integrity-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'hub.sqlite')
  const sqlite = new SQLite(file)
  sqlite.exec('create table words (id integer primary key, word text); create index byWord on words (word)')
  const insert = sqlite.prepare('insert into words (word) values (?)')
  for (let n = 0; n < 2_000; n++) insert.run(`word ${n}`.repeat(10))
  sqlite.close()
  return file
}

/** Overwrites the middle of one page, as a failing disk does. */
async function damage(file: string, page: number): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(1_000, 0x5a), 0, 1_000, page * PAGE_BYTES + 500)
  await handle.close()
}

/** Watches the file through one night; resolves with the log's events and the health. */
async function oneNight(file: string) {
  const clock = createFakeClock()
  const events: string[] = []
  const note = (_: object, event: string) => void events.push(event)
  const log = { debug: note, info: note, warn: note, error: note }
  const watch = watchDatabase({ file, clock, log })
  onTestFinished(() => watch.stop())
  await clock.advance(DAY_MS)
  await expect.poll(() => events.length).toBeGreaterThan(0)
  return { events, damage: watch.damage() }
}

it('finds a database sound that is sound, each night', async () => {
  expect(await oneNight(await aDatabase())).toEqual({ events: ['database.sound'], damage: undefined })
})

it('names the damage of any page, with the remedy, where commands may never meet it', async () => {
  const file = await aDatabase()
  const pages = Math.floor((await stat(file)).size / PAGE_BYTES)
  await damage(file, Math.floor(pages / 2))
  const night = await oneNight(file)
  expect(night.events).toEqual(['database.damaged'])
  expect(night.damage).toMatchObject({ name: 'database', state: 'failed' })
  expect(night.damage?.remedy).toContain('backup')
})

it('does not start on a damaged database, and names the remedy', async () => {
  const file = await aDatabase()
  await damage(file, 3)
  await expect(openDatabase({ file })).rejects.toThrow(/damage.*backup/)
})

it.skipIf(process.platform === 'win32')(
  'starts in a folder that others could read, and closes it to them',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hub-open-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const data = path.join(folder, 'data')
    await mkdir(data)
    await chmod(data, 0o755)
    await writeFile(path.join(data, 'restored'), '')
    await chmod(path.join(data, 'restored'), 0o644)
    await using _hub = await startHub({ folder })
    for (const name of ['hub.sqlite', 'hub.sqlite-wal', 'in-use.sqlite', 'restored'])
      expect([name, (await stat(path.join(data, name))).mode & 0o077]).toEqual([name, 0])
    expect((await stat(data)).mode & 0o077).toBe(0)
  },
)
