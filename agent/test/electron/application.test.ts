import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildShell, startShellProcess, type FakeLine } from '../../testing/electron/startShellProcess.ts'
import { startFakeHub } from '../../testing/fakeHub.ts'
import { startPulseServer } from '../../testing/pulse/pulseServer.ts'
import { aSound } from '../../testing/sounds.ts'
import { FUNCTION_NAMES } from '../../src/ipc/functionNames.ts'

const tray = (icon: string) => (line: FakeLine) => line.fake === 'tray' && line['icon'] === icon
const setUp = (hub: string) => ({
  do: 'ask',
  name: 'setUp',
  input: { hub, enrollmentKey: 'key-1', extension: '201', name: 'Camille Durand', email: '' },
})

describe('the built desktop application, on a stand-in for Electron', () => {
  beforeAll(buildShell)

  it('the application records a call that the microphone reveals, goes on while its window crashes, and offers the draft', async () => {
    await using pulse = await startPulseServer()
    await using hub = await startFakeHub({ drafts: 'offer' })
    await using shell = await startShellProcess(pulse.environment, ['--hidden'])
    await shell.waitFor('the page', (line) => line.fake === 'loaded')
    expect((await shell.order(setUp(hub.url)))['value']).toMatchObject({ ok: true, value: { ok: true } })
    await shell.waitFor('rest', tray('idle'))

    const telephone = await pulse.startTelephone()
    await shell.waitFor('a recording', tray('recording'))
    await shell.waitFor('the window, without the keyboard', (line) => line['how'] === 'peek')
    void pulse.play('micfeed', aSound({ seconds: 4 }).agent)
    await hub.until('sound', () => hub.frames.length > 5)
    await shell.order({ do: 'shot', path: 'test/artifacts/agent-electron-call.png' })

    const loaded = shell.lines.filter(({ fake }) => fake === 'loaded').length
    const before = hub.frames.length
    shell.write({ do: 'crash' })
    await hub.until('sound while the window is gone', () => hub.frames.length > before + 10)
    await hub.until(
      'the window again',
      () => shell.lines.filter(({ fake }) => fake === 'loaded').length > loaded,
    )

    await telephone.hangUp()
    await shell.waitFor('the card', tray('draft'))
    await hub.until('the seal', () => hub.recordings().some(hub.isSealed))
    shell.write({ do: 'quit' })
    expect(await shell.ended, shell.errors()).toBe(0)
    const [recordingId] = hub.recordings()
    const [part] = hub.partsOf(recordingId!)
    const gaps = part!.records.filter(({ kind }) => kind === 'gap')
    expect(gaps).toEqual([])
  })

  it('the application gives its page only the named functions, and its secrets only to the key store', async () => {
    await using pulse = await startPulseServer()
    await using hub = await startFakeHub()
    await using shell = await startShellProcess(pulse.environment)
    const opened = await shell.waitFor('the window', (line) => line.fake === 'window')
    expect(opened['safety']).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    })
    await shell.waitFor('the page', (line) => line.fake === 'loaded')
    expect((await shell.order({ do: 'reach' }))['value']).toEqual({
      require: 'undefined',
      process: 'undefined',
      desk: [...FUNCTION_NAMES, 'onEvent', 'onConnection'],
    })
    const broken = await shell.order({ do: 'ask', name: 'actOnCall', input: { action: 'format-disk' } })
    expect(broken['value']).toMatchObject({ ok: false, error: 'broken-argument' })

    await shell.order(setUp(hub.url))
    await shell.waitFor('rest', tray('idle'))
    const sealed = await readFile(path.join(shell.folder, 'secrets.bin'), 'utf8')
    expect(sealed).toMatch(/^sealed:/)
    expect(sealed).not.toContain('token-1')
    const log = await readFile(path.join(shell.folder, 'agent.log'), 'utf8')
    expect(log).not.toContain('token-1')
    expect(shell.lines.filter(({ fake }) => fake === 'page-error')).toEqual([])
  })

  it('a second start with the 3CX client’s link reports a ringing call, and any other one opens the window', async () => {
    await using pulse = await startPulseServer()
    await using hub = await startFakeHub()
    await using shell = await startShellProcess(pulse.environment, ['--hidden'])
    await shell.waitFor('the page', (line) => line.fake === 'loaded')
    await shell.order(setUp(hub.url))
    await shell.waitFor('rest', tray('idle'))
    shell.write({
      do: 'second-start',
      argument: '3cx-ninja://call?number=%2B33240112233&name=Thomas%20Girard',
    })
    await shell.waitFor('ringing', tray('ringing'))
    await hub.until('the call', () =>
      [...hub.calls.values()].some(({ remoteNumber }) => remoteNumber === '+33240112233'),
    )
    expect(shell.lines.some((line) => line['how'] === 'open')).toBe(false)
    shell.write({ do: 'second-start', argument: 'https://example.org/3cx-ninja://call?number=1' })
    await shell.waitFor('the window', (line) => line['how'] === 'open')
    expect(hub.calls.size).toBe(1)
  })

  it('an application that crashes in mid-call closes the recording, is started again, and goes on with its next part', async () => {
    await using pulse = await startPulseServer()
    await using hub = await startFakeHub()
    await using shell = await startShellProcess(pulse.environment, ['--hidden'])
    await shell.waitFor('the page', (line) => line.fake === 'loaded')
    await shell.order(setUp(hub.url))
    await shell.waitFor('rest', tray('idle'))
    const telephone = await pulse.startTelephone()
    await shell.waitFor('a recording', tray('recording'))
    await hub.until('sound', () => hub.frames.length > 5)
    shell.write({ do: 'age', argument: '3600' })
    shell.write({ do: 'break' })
    expect(await shell.ended).toBe(70)
    expect(shell.lines.filter(({ fake }) => fake === 'relaunch')).toHaveLength(1)
    const log = await readFile(path.join(shell.folder, 'agent.log'), 'utf8')
    expect(log).toMatch(/"cause":"a bug","msg":"agent.crashed"/)

    await using again = await startShellProcess(pulse.environment, ['--hidden'], shell.folder)
    const [recordingId] = hub.recordings()
    await hub.until('the next part', () => hub.partsOf(recordingId!).length === 2)
    await telephone.hangUp()
    await hub.until('the seal', () => hub.isSealed(recordingId!))
    again.write({ do: 'quit' })
    expect(await again.ended, again.errors()).toBe(0)
  })

  it('an application that crashes at its start is not restarted in a loop', async () => {
    await using pulse = await startPulseServer()
    await using shell = await startShellProcess(pulse.environment, ['--hidden'])
    await shell.waitFor('the page', (line) => line.fake === 'loaded')
    shell.write({ do: 'break' })
    expect(await shell.ended).toBe(70)
    expect(shell.lines.filter(({ fake }) => fake === 'relaunch')).toEqual([])
  })
})
