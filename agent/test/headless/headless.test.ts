import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'
import { confirmedSettings, startFakeHub, type FakeHub } from '../../testing/fakeHub.ts'
import { aFolder, aSound, aWav } from '../../testing/sounds.ts'
import { startHeadlessProcess, type Line } from '../../testing/startHeadlessProcess.ts'

const call = (line: Line) => line['call'] as CallSnapshot
const isRecording = (recording: string) => (line: Line) =>
  line.kind === 'call' && call(line).recording === recording
const isDraft = (at: string) => (line: Line) =>
  line.kind === 'draft' && (line['draft'] as { state: { at: string } }).state.at === at
const isPhase = (phase: string) => (line: Line) => line.kind === 'call' && call(line).phase === phase

async function aSetup(hub: FakeHub, seconds = 2) {
  const folder = await aFolder()
  const audio = await folder.file('call.wav', aWav(aSound({ seconds })))
  const args = ['--hub', hub.url, '--enrollment-key', hub.enrollmentKey, '--data', `${folder.path}/data`]
  return { folder, audio, args: [...args, '--extension', '201', '--name', 'Camille', '--audio', audio] }
}

// The tests run at once: sound and deadlines of a process follow the real clock, so the tests mostly wait.
describe.concurrent('the headless agent as a process', () => {
  it('the headless agent plays a call from ring to ticket, ends by itself with exit code 0 and keeps no safe recording', async () => {
    await using hub = await startFakeHub({ drafts: 'file-when-visible' })
    const { folder, args } = await aSetup(hub)
    await using _folder = folder
    const script = await folder.file(
      'script.jsonl',
      [
        { action: 'ring', number: '+33240112233', name: 'Thomas Girard', direction: 'inbound' },
        { at: 1, action: 'talk' },
        { after: 'audio', action: 'hang-up' },
      ]
        .map((step) => JSON.stringify(step))
        .join('\n'),
    )
    await using agent = startHeadlessProcess([
      ...args,
      '--script',
      script,
      '--speed',
      '4',
      '--exit',
      'after-call',
    ])
    expect(await agent.ended, agent.errors()).toBe(0)
    expect(
      agent.lines.some(
        (line) => line.kind === 'draft' && (line['draft'] as { state: { at: string } }).state.at === 'filed',
      ),
    ).toBe(true)
    const [recordingId] = hub.recordings()
    const [part] = hub.partsOf(recordingId!)
    const audio = part!.records.filter(({ kind }) => kind === 'audio')
    expect(audio.length).toBeGreaterThanOrEqual(40)
    expect(part!.records.at(-1)?.kind).toBe('sealed')
    expect(part!.header.consent).toEqual({ basis: 'demonstration', ruleVersion: 1 })
    expect(agent.lines.filter(isPhase('talking')).length).toBeGreaterThan(0)
  })

  it('[C2][R1] the headless agent makes a whole call while the hub is away, survives a restart, and delivers everything afterwards', async () => {
    await using hub = await startFakeHub({ drafts: 'file-when-visible' })
    const { folder, args } = await aSetup(hub)
    await using _folder = folder
    {
      // The agent has the hub's rules from an earlier run.
      await using agent = startHeadlessProcess(args)
      await agent.waitFor('settings', (line) => line.kind === 'settings')
      hub.goOffline()
      await agent.waitFor('lost link', (line) => line.kind === 'link' && line['at'] === 'waiting')
      agent.write({ action: 'ring', number: '+33240112233', direction: 'inbound' })
      agent.write({ action: 'talk' })
      agent.write({ after: 'audio', action: 'hang-up' })
      await agent.waitFor('wrap-up', isPhase('wrap-up'))
      expect(await agent.kill('SIGTERM')).toBe(0)
    }
    const stoppedAtMs = Date.now()
    expect(hub.recordings()).toEqual([])
    hub.goOnline()
    await using agent = startHeadlessProcess(args)
    await hub.until('the sealed recording', () => hub.recordings().some(hub.isSealed))
    await agent.waitFor('the filed draft', isDraft('filed'))
    await hub.until('the call closed', () => [...hub.calls.values()][0]?.phase === 'done')
    const [known] = [...hub.calls.values()]
    expect(known).toMatchObject({ phase: 'done', recording: 'complete', remoteNumber: '+33240112233' })
    expect(known!.endedAtMs).toBeLessThanOrEqual(stoppedAtMs) // the time of the hang-up, not that of the second start
    await agent.waitFor('recording safe', (line) => line.kind === 'recording' && line['state'] === 'safe')
  })

  it('[C2] [C8] the headless agent reports a call that goes on after each welcome: the hub may have ended it meanwhile', async () => {
    await using hub = await startFakeHub()
    const { folder, args } = await aSetup(hub)
    await using _folder = folder
    await using agent = startHeadlessProcess(args)
    await agent.waitFor('settings', (line) => line.kind === 'settings')
    agent.write({ action: 'ring', number: '+33240112233' })
    agent.write({ action: 'talk' })
    const { revision } = call(await agent.waitFor('recording', isRecording('recording')))
    const shown = () =>
      hub.received.filter((one) => one.kind === 'call-report' && one.call.revision >= revision)
    await hub.until('the report', () => shown().length > 0)
    for (const _ of ['once', 'and once more, when it has long been stored']) {
      const before = shown().length
      hub.cut()
      await hub.until('the report again', () => shown().length > before)
    }
  })

  it('[R4] an agent killed in mid-call goes on with the next part of the same recording when the call is still on', async () => {
    await using hub = await startFakeHub()
    const { folder, args } = await aSetup(hub, 4)
    await using _folder = folder
    let before: CallSnapshot
    {
      await using agent = startHeadlessProcess(args)
      await agent.waitFor('settings', (line) => line.kind === 'settings')
      agent.write({ action: 'ring', number: '+33240112233' })
      agent.write({ action: 'talk' })
      before = call(await agent.waitFor('recording', isRecording('recording')))
      await hub.until('sound', () => hub.frames.length >= 8)
      expect(await agent.kill('SIGKILL')).toBe('SIGKILL')
    }
    await using agent = startHeadlessProcess([...args, '--audio-from', '2'])
    agent.write({ action: 'talk' })
    agent.write({ after: 'audio', action: 'hang-up' })
    await agent.waitFor('wrap-up', isPhase('wrap-up'))
    await hub.until('the seal', () => hub.isSealed(before.recordingId!))
    const parts = hub.partsOf(before.recordingId!)
    expect(parts.map(({ header }) => header.part)).toEqual([1, 2])
    expect(parts[1]!.header.previousPosition).toBe(parts[0]!.records.length)
    expect(parts[1]!.header.callId).toBe(before.callId)
    expect([...hub.calls.keys()]).toEqual([before.callId])
  })

  it('an agent killed in mid-call completes the recording and ends the call when the call is over meanwhile', async () => {
    await using hub = await startFakeHub()
    const { folder, args } = await aSetup(hub, 4)
    await using _folder = folder
    {
      await using agent = startHeadlessProcess(args)
      await agent.waitFor('settings', (line) => line.kind === 'settings')
      agent.write({ action: 'talk' })
      await hub.until('sound', () => hub.frames.length >= 5)
      await agent.kill('SIGKILL')
    }
    await using agent = startHeadlessProcess(args)
    const ended = call(await agent.waitFor('wrap-up', isPhase('wrap-up')))
    await hub.until('the seal', () => hub.isSealed(ended.recordingId!))
    expect(
      hub
        .partsOf(ended.recordingId!)
        .at(-1)!
        .records.map(({ kind }) => kind),
    ).toEqual(['sealed'])
    expect(ended.recording).toBe('complete')
  })

  it('[S2] the headless agent records nothing while the rule of the site is not confirmed, and reports it', async () => {
    await using hub = await startFakeHub({
      settings: { ...confirmedSettings, consent: { ...confirmedSettings.consent, confirmed: false } },
    })
    const { folder, args } = await aSetup(hub)
    await using _folder = folder
    await using agent = startHeadlessProcess(args)
    await agent.waitFor('settings', (line) => line.kind === 'settings')
    agent.write({ action: 'talk' })
    const refused = call(await agent.waitFor('refusal', isRecording('refused')))
    agent.write({ action: 'hang-up' })
    await hub.until('the end', () => hub.calls.get(refused.callId)?.phase === 'wrap-up')
    expect(hub.received.some(({ kind }) => kind === 'part-open')).toBe(false)
  })

  it("[R10] the action 'do not record this call' erases the recording on this PC and on the hub, also when the hub was away", async () => {
    await using hub = await startFakeHub()
    const { folder, args } = await aSetup(hub, 4)
    await using _folder = folder
    await using agent = startHeadlessProcess(args)
    await agent.waitFor('settings', (line) => line.kind === 'settings')
    agent.write({ action: 'talk' })
    const { recordingId } = call(await agent.waitFor('recording', isRecording('recording')))
    await hub.until('sound', () => hub.frames.length >= 3)
    hub.goOffline()
    agent.write({ action: 'erase' })
    await agent.waitFor('erased', isRecording('erased'))
    hub.goOnline()
    await hub.until('the erasure', () => hub.erased.has(recordingId!))
    expect(hub.partsOf(recordingId!)).toEqual([])
    // The hub may answer before this disk has removed the file: the removal is the agent's own event then.
    await expect
      .poll(() => readdir(`${folder.path}/data/recordings`), { timeout: EVENT_LIMIT_MS })
      .toEqual([])
  })

  it('the headless agent names option and remedy for a wrong command line, a missing recording and a used enrollment key', async () => {
    await using hub = await startFakeHub()
    await using folder = await aFolder()
    const data = ['--data', `${folder.path}/data`]
    const runs: [string[], RegExp][] = [
      [[...data, '--speed', 'fast'], /--speed/],
      [[], /--data: is missing: name a folder/],
      [[...data, '--bogus'], /--bogus.*See --help/],
      [[...data, '--script', '/no/such.jsonl'], /Cannot read the script.*check the path/],
      [[...data, '--hub', 'hub.lan:3000'], /write the whole address, such as https:/],
      [[...data, '--audio', '/no/such.flac'], /Cannot read the sound file.*check the path/],
      [[...data, '--hub', hub.url, '--enrollment-key', 'old.pin'], /enrollment key is used or unknown/],
      [[...data, '--hub', hub.url], /not enrolled yet: give an enrollment key/],
      [[...data, '--hub', 'http://10.0.0.1:3000', '--enrollment-key', 'a.b'], /not protected: use https/],
    ]
    for (const [args, reason] of runs) {
      await using agent = startHeadlessProcess(args)
      expect(await agent.ended).toBe(1)
      expect(agent.errors()).toMatch(reason)
    }
  })

  it('an agent that meets a bug closes the recording first, ends with exit code 70, and goes on with the next part', async () => {
    await using hub = await startFakeHub()
    const { folder, args } = await aSetup(hub, 30)
    await using _folder = folder
    const bug = await folder.file(
      'bug.mjs',
      "process.once('SIGUSR2', () => setImmediate(() => { throw new Error('a bug') }))",
    )
    await using agent = startHeadlessProcess(args, { ...process.env, NODE_OPTIONS: `--import ${bug}` })
    await agent.waitFor('the link', (line) => line.kind === 'link' && line['at'] === 'open')
    agent.write({ action: 'talk' })
    await hub.until('sound', () => hub.frames.length > 5)
    expect(await agent.kill('SIGUSR2')).toBe(70)
    expect(agent.errors()).toMatch(/"cause":"a bug","msg":"agent.crashed"/)
    await using again = startHeadlessProcess(args)
    again.write({ action: 'talk' })
    const [recordingId] = hub.recordings()
    await hub.until('the next part', () => hub.partsOf(recordingId!).length === 2)
    // Closed, not torn: the start had nothing to truncate.
    expect(again.errors()).not.toMatch(/recording.repaired/)
  })
})
