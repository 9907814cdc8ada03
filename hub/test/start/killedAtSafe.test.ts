import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { PROTOCOL_VERSION, encodeFrame, type LogRecord } from '@3cx-ninja/protocol'
import { aCall, aPart, aWorkerOffer } from '../../testing/messages.ts'
import { openRawLink } from '../../testing/rawClient.ts'
import { startHub, type Member } from '../../testing/startHub.ts'

const FLUSH_DELAY_MS = 150
const RECORDS = 60
/** Each of the start's flushes waits, too. */
const TIMEOUT_MS = 40_000
const SLOW_HUB = path.resolve(import.meta.dirname, '../../testing/slowHub.ts')

/** Starts the real hub in a process of its own whose every flush waits; resolves with its address and its kill -9. */
async function aSlowHub(folder: string) {
  const file = path.join(folder, 'hub-settings.json')
  const child = spawn(process.execPath, [SLOW_HUB, '--settings', file, '--flush-delay', String(FLUSH_DELAY_MS)], { stdio: ['ignore', 'pipe', 'inherit'] }) // prettier-ignore
  const gone = once(child, 'exit')
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as { msg: string; port: number }
    if (line.msg !== 'hub.ready') continue
    child.stdout.resume()
    const connect = async (role: 'agent' | 'worker', { token }: Member, ca: string | undefined) => {
      const link = await openRawLink(`https://127.0.0.1:${line.port}/link/${role}`, { token, ca })
      link.send({ kind: 'hello', protocol: PROTOCOL_VERSION, role, version: 'test' })
      await link.next('welcome')
      return link
    }
    const kill = async () => {
      child.kill('SIGKILL')
      await gone
    }
    return { connect, kill, [Symbol.asyncDispose]: kill }
  }
  throw new Error('the slow hub ended before it was ready')
}

it(
  '[R9] a hub killed with kill -9 at recording-safe has the whole recording, sealed, although each flush takes long and the worker none',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hub-safe-'))
    try {
      const first = await startHub({ folder })
      const [camille, worker] = [await first.enroll('agent'), await first.enroll('worker')]
      const { ca } = first
      await first.stop()
      const { header, records } = aPart(RECORDS)
      const endSample = (RECORDS / 2) * 1_600
      const seal: LogRecord = { sequence: RECORDS, kind: 'sealed', channel: 'agent', firstSample: endSample, payload: new Uint8Array() } // prettier-ignore
      {
        await using hub = await aSlowHub(folder)
        const agent = await hub.connect('agent', camille, ca)
        agent.send({ kind: 'call-report', call: aCall({ recordingId: header.recordingId }) })
        agent.send({ kind: 'part-open', stream: 1, header })
        await agent.next('part-position')
        const scribe = await hub.connect('worker', worker, ca)
        scribe.send(aWorkerOffer())
        agent.send(encodeFrame(1, records.slice(0, 1))) // its flush occupies the disk; the others wait for the next one
        const { lease } = (await scribe.next('lease-offer')) as unknown as { lease: { leaseId: string; fence: number } } // prettier-ignore
        const { leaseId, fence } = lease
        scribe.send({ kind: 'lease-accept', leaseId })
        await scribe.next('part-follows')
        agent.send(encodeFrame(1, [...records.slice(1), seal]))
        await scribe.next('part-ends')
        scribe.send({ kind: 'records-acknowledged', leaseId, part: 1, position: RECORDS + 1 })
        scribe.send({ kind: 'lease-done', leaseId, fence })
        await agent.next('recording-safe')
      }
      await using hub = await startHub({ folder })
      const headers = { authorization: `Bearer ${camille.token}` }
      const answer = await hub.ask(`/api/agent/recordings/${header.recordingId}`, { headers })
      expect(answer.json()).toMatchObject({ parts: [{ position: RECORDS + 1 }] })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  TIMEOUT_MS,
)
