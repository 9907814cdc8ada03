import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { startFakeHub } from '../../testing/fakeHub.ts'
import { aFolder, aSound, aWav } from '../../testing/sounds.ts'

const MAIN = path.resolve(import.meta.dirname, '../../src/main/web/main.ts')

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  const firstLine = new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', (line) => resolve(line)),
  )
  return {
    child,
    ended,
    firstLine,
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}

describe('the agent in a browser, as a process', () => {
  it('prints its link, plays a scripted call, accepts steps from stdin, and ends at SIGTERM with exit code 0', async () => {
    await using hub = await startFakeHub()
    await using folder = await aFolder()
    await folder.file('index.html', '<h1>window</h1>')
    const audio = await folder.file('call.wav', aWav(aSound({ seconds: 1 })))
    const script = await folder.file(
      'script.jsonl',
      '{"action":"ring","number":"+33240112233"}\n{"action":"talk"}\n',
    )
    await using agent = start([
      ...['--hub', hub.url, '--enrollment-key', hub.enrollmentKey, '--data', `${folder.path}/data`],
      ...['--page', folder.path, '--audio', audio, '--script', script, '--json'],
    ])
    const { link } = JSON.parse(await agent.firstLine) as { link: string }
    const opened = await fetch(link, { redirect: 'manual' })
    expect(opened.status).toBe(303)
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
    const page = await fetch(new URL('/', link), { headers: { cookie } })
    expect(await page.text()).toContain('window')
    await hub.until('the call', () => [...hub.calls.values()].some(({ phase }) => phase === 'talking'))
    agent.child.stdin.write('{"action":"hang-up"}\n')
    await hub.until('its end', () => [...hub.calls.values()].some(({ phase }) => phase === 'wrap-up'))
    agent.child.kill('SIGTERM')
    expect(await agent.ended, agent.errors()).toBe(0)
  })

  it('names a missing argument, and how to get its value', async () => {
    await using folder = await aFolder()
    await using unbuilt = start(['--data', folder.path, '--page', `${folder.path}/none`])
    expect(await unbuilt.ended).toBe(1)
    expect(unbuilt.errors()).toContain('npm run setup -- agent')
    await using wrong = start(['--data', folder.path, '--port', 'eighty'])
    expect(await wrong.ended).toBe(1)
    expect(wrong.errors()).toContain('--port eighty')
  })

  it('prints its help', async () => {
    await using help = start(['--help'])
    expect(await help.firstLine).toContain('npm run agent:web')
    expect(await help.ended).toBe(0)
  })
})
