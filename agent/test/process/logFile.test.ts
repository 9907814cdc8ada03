import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DAY_MS } from '@3cx-ninja/protocol'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { logFileTuning, openLogFile } from '../../src/main/process/logFile.ts'
import { aFolder } from '../../testing/sounds.ts'

const START_MS = Date.now()
const tuning = { ...logFileTuning, fileBytes: 1_000, totalBytes: 5_000 }
const LINE = `${'x'.repeat(99)}\n`

async function aLog() {
  const folder = await aFolder()
  const clock = createFakeClock(START_MS)
  const file = path.join(folder.path, 'agent.log')
  const open = () => openLogFile({ file, clock, tuning })
  const names = async () => (await readdir(folder.path)).sort()
  return { folder, clock, file, open, names, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}
/** Flushes until a write succeeds: the destination opens its file in the background. */
async function settled(log: { flush(): void }, file: string, ends: string) {
  await expect
    .poll(async () => {
      log.flush()
      return (await readFile(file, 'utf8').catch(() => '')).endsWith(ends)
    })
    .toBe(true)
}

describe('the log of the desktop application', () => {
  it('the log file never exceeds its limit, and keeps the newest lines', async () => {
    await using kept = await aLog()
    const log = kept.open()
    for (let n = 0; n < 200; n++) {
      log.write(`${String(n).padStart(99, '.')}\n`)
      if (n % 10 === 9) await settled(log, kept.file, `${n}\n`)
    }
    const sizes = await Promise.all(
      (await kept.names()).map(async (name) => (await stat(path.join(kept.folder.path, name))).size),
    )
    expect(sizes.length).toBeGreaterThan(2)
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(tuning.totalBytes)
    expect(await readFile(kept.file, 'utf8')).toMatch(/199\n$/)
  })

  it('the log begins a file each day, and removes files older than thirty days', async () => {
    await using kept = await aLog()
    const old = path.join(kept.folder.path, 'agent.20200101T000000000Z.log')
    const recent = path.join(kept.folder.path, 'agent.20250101T000000000Z.log')
    await writeFile(old, LINE)
    await writeFile(recent, LINE)
    await utimes(old, new Date(START_MS - 31 * DAY_MS), new Date(START_MS - 31 * DAY_MS))
    await writeFile(path.join(kept.folder.path, 'agent.settings.log'), 'none of ours')
    const log = kept.open()
    expect(await kept.names()).not.toContain(path.basename(old))
    log.write(LINE)
    await settled(log, kept.file, LINE)
    await kept.clock.advance(DAY_MS)
    log.write('tomorrow\n')
    await settled(log, kept.file, 'tomorrow\n')
    expect(await readFile(kept.file, 'utf8')).toBe('tomorrow\n')
    const names = await kept.names()
    expect(names).toHaveLength(4)
    expect(names).toContain('agent.settings.log')
  })

  it('the log goes on after a process that was killed in the middle of a line', async () => {
    await using kept = await aLog()
    await appendFile(kept.file, '{"msg":"whole"}\n{"msg":"hal')
    const log = kept.open()
    log.write('{"msg":"next"}\n')
    await settled(log, kept.file, 'next"}\n')
    expect((await readFile(kept.file, 'utf8')).split('\n')).toEqual([
      '{"msg":"whole"}',
      '{"msg":"hal',
      '{"msg":"next"}',
      '',
    ])
  })

  it('the log stays bounded and whole when its process is killed again and again', async () => {
    await using kept = await aLog()
    const program = await kept.folder.file(
      'writer.ts',
      `import { openLogFile, logFileTuning } from ${JSON.stringify(path.resolve('agent/src/main/process/logFile.ts'))}
       const log = openLogFile({ file: ${JSON.stringify(kept.file)}, clock: { nowMs: Date.now }, tuning: { ...logFileTuning, fileBytes: 1000, totalBytes: 5000 } })
       const write = () => { for (let n = 0; n < 5; n++) log.write(JSON.stringify({ msg: 'x'.repeat(80) }) + '\\n'); setImmediate(write) }
       write(); process.stdout.write('on')`,
    )
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    const log = kept.open()
    const files = (await kept.names()).filter((name) => name.startsWith('agent.'))
    const texts = await Promise.all(files.map((name) => readFile(path.join(kept.folder.path, name), 'utf8')))
    const broken = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '' && !isJson(line))
    expect(broken.length).toBeLessThanOrEqual(4) // at most the line that each kill cut
    log.flush()
  })

  it.skipIf(process.platform !== 'linux')('the log never stops the agent when the disk is full', async () => {
    await using kept = await aLog()
    await symlink('/dev/full', kept.file)
    const file = kept.open()
    const log = pino({ name: 'agent' }, file)
    for (let n = 0; n < 1_000; n++) log.info({ n }, 'call.changed')
    file.flush()
    await new Promise((resolve) => setImmediate(resolve))
    for (let n = 0; n < 1_000; n++) log.info({ n }, 'call.changed')
    file.flush()
  })

  it('the log never stops the agent when its folder cannot be created', async () => {
    await using folder = await aFolder()
    await folder.file('data', 'a file')
    const log = openLogFile({ file: path.join(folder.path, 'data', 'agent.log'), clock: createFakeClock() })
    for (let n = 0; n < 10; n++) log.write(LINE)
    log.flush()
    await new Promise((resolve) => setImmediate(resolve))
    log.write(LINE)
  })
})

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
