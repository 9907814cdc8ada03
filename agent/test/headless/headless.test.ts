import { describe, expect, it } from 'vitest'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { startFakeHub, type FakeHub } from '../../testing/fakeHub.ts'
import { aFolder, aSound, aWav } from '../../testing/sounds.ts'
import { startHeadlessProcess, type Line } from '../../testing/startHeadlessProcess.ts'

const call = (line: Line) => line['call'] as CallSnapshot
const isPhase = (phase: string) => (line: Line) => line.event === 'call' && call(line).phase === phase

async function aSetup(hub: FakeHub, seconds = 2) {
  const folder = await aFolder()
  const audio = await folder.file('call.wav', aWav(aSound({ seconds })))
  const args = ['--hub', hub.url, '--enrolment-key', hub.enrolmentKey, '--data', `${folder.path}/data`]
  return { folder, audio, args: [...args, '--extension', '201', '--name', 'Camille', '--audio', audio] }
}

describe('the headless agent as a process', () => {
  it('plays a call from ring to ticket, ends by itself with exit code 0 and keeps nothing that is safe', async () => {
    await using hub = await startFakeHub({ drafts: 'file-when-visible' })
    const { folder, args } = await aSetup(hub)
    await using _folder = folder
    const script = await folder.file(
      'script.jsonl',
      [
        { do: 'ring', number: '+33240112233', name: 'Thomas Girard', direction: 'inbound' },
        { at: 1, do: 'talk' },
        { after: 'audio', do: 'hang-up' },
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
        (line) => line.event === 'draft' && (line['draft'] as { state: { at: string } }).state.at === 'filed',
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
})
