import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { callSnapshot, recordingId as recordingIdSchema, type CallSnapshot } from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { readMasterKeyFile } from '@3cx-ninja/recording-log/masterKey.ts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRecordingStore } from '../../hub/src/recordings/recordingStore.ts'
import { ask } from '../../scripts/site/ask.ts'
import type { Part, PartLine } from '../../scripts/site/part.ts'
import { openSite } from '../../scripts/site/site.ts'
import { WEBHOOK_SECRET } from '../../scripts/site/siteParts.ts'
import { root } from '../../scripts/site/siteState.ts'

const POLL_MS = 200
const LIMIT_MS = 120_000
const AUDIO = path.join(root, 'resources/audio/demo-call-1.flac')
const CALLER = '+33240112233'
const callOf = (line: PartLine): CallSnapshot | undefined =>
  line.kind === 'call' ? callSnapshot.parse(line.call) : undefined
const isRecording = (state: CallSnapshot['recording']) => (line: PartLine) =>
  callOf(line)?.recording === state
const say = (agent: Part, step: object) => agent.write(`${JSON.stringify(step)}\n`)

/** Starts a real hub and a real agent, without worker or NinjaOne: these tests do not depend on words. */
async function aSite(recording: object) {
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-consent-'))
  const site = await openSite({ folder, hubSettings: { recording } })
  onTestFinished(async () => {
    await site.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const recordingsOf = async (side: 'agent' | 'hub') => {
    const home = path.join(folder, side, 'recordings', ...(side === 'hub' ? ['parts'] : []))
    const names = await readdir(home, { recursive: true })
    return names.filter((name) => name.endsWith('.rec'))
  }
  return {
    site,
    folder,
    recordingsOf,
    /** Resolves once the condition holds; checked five times a second. */
    async until(what: string, holds: () => Promise<boolean>) {
      const endMs = systemClock.monotonicMs() + LIMIT_MS
      while (!(await holds())) {
        if (systemClock.monotonicMs() > endMs) throw new Error(`never: ${what}`)
        await setTimeout(POLL_MS) // the hub gives its open answers 20 times a second
      }
    },
    async hubHas(records: number) {
      const { text } = await ask(`${site.hubUrl}/metrics`, { ca: await site.ca() })
      return Number(/^hub_records_total (\d+)/m.exec(text)?.[1]) >= records
    },
    async pbxNames(number: string) {
      const event = { callType: 'Inbound', agentExt: '201', number, endUtc: new Date().toISOString() }
      return ask(`${site.hubUrl}/webhook/3cx/call-event`, {
        ca: await site.ca(),
        body: event,
        headers: { authorization: `Bearer ${WEBHOOK_SECRET}` },
      })
    },
    /** Edits the settings file and restarts the hub, as an administrator does. */
    async settle(change: object) {
      const file = path.join(folder, 'hub-settings.json')
      const settings = JSON.parse(await readFile(file, 'utf8')) as object
      await writeFile(file, JSON.stringify({ ...settings, ...change }))
    },
  }
}

describe('consent, with a real agent and a real hub', () => {
  it('[S2] no call is recorded until the consent rule is confirmed, and the recording states its basis', async () => {
    const { site, folder, recordingsOf, hubHas, until, settle } = await aSite({
      consent: { confirmed: false },
    })
    const hub = await site.startHub()
    const agent = await site.startAgent(['--audio', AUDIO])
    say(agent, { action: 'talk' })
    await agent.waitFor('refused', isRecording('refused'), LIMIT_MS)
    expect(await recordingsOf('agent')).toEqual([])

    await hub.kill('SIGTERM')
    const consent = { confirmed: true, basis: 'contract', ruleVersion: 7, text: 'Accord du contrat' }
    await settle({ recording: { consent } })
    const again = await site.startHub()
    const recorded = callOf(await agent.waitFor('recording', isRecording('recording'), LIMIT_MS))
    await until('some sound on the hub', () => hubHas(10))
    say(agent, { action: 'hang-up' })
    await agent.waitFor('complete', isRecording('complete'), LIMIT_MS)
    await agent.kill('SIGTERM')
    await again.kill('SIGTERM')

    const masterKey = await readMasterKeyFile(path.join(folder, 'hub-secrets', 'master.key'))
    const store = await openRecordingStore({
      folder: path.join(folder, 'hub', 'recordings'),
      masterKey: masterKey!,
      clock: systemClock,
    })
    const [part] = store.state(recordingIdSchema.parse(recorded?.recordingId))!.parts
    await store.stop()
    expect(part!.header.consent).toEqual({ basis: 'contract', ruleVersion: 7 })
    expect(part!.header.startedAtMs).toBeGreaterThan(recorded!.startedAtMs)
  })

  it('[S3] a call whose caller opted out, as the PBX reports after the call, is erased from both disks', async () => {
    const consent = { confirmed: true, basis: 'demonstration', ruleVersion: 1 }
    const { site, recordingsOf, hubHas, until, pbxNames } = await aSite({
      consent,
      optOut: { numbers: ['02 40 11 22 33'] },
    })
    await site.startHub()
    const agent = await site.startAgent(['--audio', AUDIO])
    say(agent, { action: 'talk' })
    await agent.waitFor('recording', isRecording('recording'), LIMIT_MS)
    await until('some sound on the hub', () => hubHas(20))
    say(agent, { action: 'hang-up' })
    await agent.waitFor('complete', isRecording('complete'), LIMIT_MS)
    expect(await recordingsOf('agent')).toHaveLength(1)

    expect((await pbxNames(CALLER)).status).toBe(200)
    const isErased = (line: PartLine) => line.kind === 'recording' && line.state === 'erased'
    await agent.waitFor('its erasure', isErased, LIMIT_MS)
    await until('nothing on either side', async () => {
      const both = await Promise.all([recordingsOf('agent'), recordingsOf('hub')])
      return both.flat().length === 0
    })

    say(agent, { action: 'ring', number: CALLER, direction: 'inbound' })
    say(agent, { action: 'talk' })
    await agent.waitFor('refused', isRecording('refused'), LIMIT_MS)
    expect(await recordingsOf('agent')).toEqual([])
  })

  it("[R10] 'do not record this call' erases the recording from both disks", async () => {
    const consent = { confirmed: true, basis: 'demonstration', ruleVersion: 1 }
    const { site, recordingsOf, hubHas, until } = await aSite({ consent })
    await site.startHub()
    const agent = await site.startAgent(['--audio', AUDIO])
    say(agent, { action: 'talk' })
    await agent.waitFor('recording', isRecording('recording'), LIMIT_MS)
    await until('some sound on the hub', () => hubHas(20))
    say(agent, { action: 'erase' })
    await agent.waitFor('erased', isRecording('erased'), LIMIT_MS)
    await until('nothing on either side', async () => {
      const both = await Promise.all([recordingsOf('agent'), recordingsOf('hub')])
      return both.flat().length === 0
    })
  })
})
