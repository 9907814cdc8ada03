import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  decodeFrame,
  utteranceId,
  type CallId,
  type HubToWorker,
  type Lease,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { WebSocket } from 'ws'
import type { Answer, Output, Input } from '../../agent/src/ipc/channels.ts'
import type { FunctionName } from '../../agent/src/ipc/functionNames.ts'
import { silentLogger } from '../../agent/src/main/process/log.ts'
import { startWeb, type WebAgent } from '../../agent/src/main/web/start.ts'
import { parseWebArguments } from '../../agent/src/main/web/webArguments.ts'
import { aFolder, aSound, aWav } from '../../agent/testing/sounds.ts'
import { aWorkerOffer } from '../../hub/testing/messages.ts'
import { openCuttableLine } from './cuttableLine.ts'
import { startHub, type SettingsChange, type TestHub } from '../../hub/testing/startHub.ts'

export interface CompanyOptions {
  readonly settings?: SettingsChange
  /** The built window; without it, the agent serves none. */
  readonly page?: string
  readonly seconds?: number
}

/** Starts a real hub, and a technician's PC with a real agent and its window's server. */
export async function aPlaybackCompany(options: CompanyOptions = {}) {
  const hub = await startHub(options.settings ? { settings: options.settings } : {})
  const line = await openCuttableLine(() => hub.port)
  const folder = await aFolder()
  const audio = await folder.file('call.wav', aWav(aSound({ seconds: options.seconds ?? 3 })))
  const web = await startWeb({
    arguments: parseWebArguments([
      ...[
        '--hub',
        hub.url.replace(/\d+$/, String(line.port)),
        '--enrollment-key',
        await hub.enrollmentKey('agent'),
      ],
      ...['--extension', '201', '--name', 'Camille', '--data', `${folder.path}/data`, '--audio', audio],
      ...(options.page ? ['--page', options.page] : []),
    ]),
    environment: {},
    clock: systemClock,
    random: Math.random,
    newId: () => randomUUID(),
    log: silentLogger,
    version: '0.1.0',
  })
  web.agent.refused.catch(() => undefined)
  const page = await openDesk(web)
  const workers: { close(): void }[] = []
  return {
    hub,
    web,
    /** The line between agent and hub. */
    line,
    /** The window's server's copies of audio from the hub. */
    playbackFolder: `${folder.path}/data/playback`,
    ask: page.ask,
    wav: page.wav,
    until: page.until,
    /** Plays one call from ring to hang-up and resolves once all of it is on the hub's disk. */
    async record(number?: string): Promise<{ readonly callId: CallId; readonly recordingId: RecordingId }> {
      await page.until(() => web.agent.view().consentConfirmed)
      const caller = number === undefined ? {} : { number, name: 'Thomas Girard' }
      await web.step({ action: 'ring', direction: 'inbound', ...caller })
      await web.step({ action: 'talk' })
      await page.until(() => web.agent.view().calls.some(({ recording }) => recording === 'recording'))
      await page.ask('actOnCall', { action: 'mark' })
      await web.step({ after: 'audio', action: 'hang-up' })
      await page.until(() => web.agent.view().replicas.some(({ state }) => state === 'sent'))
      const [call] = web.agent.view().calls
      if (!call?.recordingId) throw new Error('the call was not recorded')
      return { callId: call.callId, recordingId: call.recordingId }
    },
    /** Lets a worker transcribe the waiting recordings, after which the agent may delete its copy. */
    async transcribe(said: readonly string[]) {
      workers.push(await aWorker(hub, said))
      await page.until(() => web.agent.recordings.list().length === 0)
    },
    async [Symbol.asyncDispose]() {
      page.close()
      for (const worker of workers) worker.close()
      await web.stop()
      await line[Symbol.asyncDispose]()
      await hub[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Opens a client that acts like the page: calls over its socket, audio over HTTP. */
async function openDesk(web: WebAgent) {
  const { origin } = new URL(web.link)
  const signedIn = await fetch(web.link, { redirect: 'manual' })
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/desk`, { headers: { cookie, origin } })
  await once(socket, 'open')
  let id = 0
  const ask = async <Name extends FunctionName>(name: Name, input: Input<Name>): Promise<Output<Name>> => {
    const mine = ++id
    const answered = new Promise<Answer<Name>>((resolve) => {
      const check = (data: Buffer) => {
        const message = JSON.parse(data.toString('utf8')) as { id?: number } & Answer<Name>
        if (message.id !== mine) return
        socket.off('message', check)
        resolve(message)
      }
      socket.on('message', check)
    })
    socket.send(JSON.stringify({ id: mine, name, input }))
    const answer = await answered
    if (!answer.ok) throw new Error(answer.message)
    return answer.value
  }
  return {
    ask,
    async wav(recordingId: string, range?: string) {
      const answer = await fetch(`${origin}/audio/${recordingId}.wav`, {
        headers: { cookie, ...(range ? { range } : {}) },
      })
      return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
    },
    /** Resolves once the condition holds; checks at each message of the desk, which sends one per second during changes. */
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!holds()) return
          socket.off('message', check)
          clearInterval(beat)
          resolve()
        }
        socket.on('message', check)
        const beat = setInterval(check, 20) // the desk does not send a page every awaited change
        check()
      }),
    close: () => socket.terminate(),
  }
}

/** Accepts every lease and returns the same words for each call, two seconds apart. */
async function aWorker(hub: TestHub, said: readonly string[]) {
  const link = await hub.connect('worker', await hub.enroll('worker'))
  const streams = new Map<number, { readonly leaseId: string; readonly part: number }>()
  const leases = new Map<string, Lease>()
  const speak = (lease: Lease) => {
    const { leaseId, fence, recordingId } = lease
    said.forEach((text, index) =>
      link.send({
        kind: 'utterance',
        leaseId,
        fence,
        lagMs: 100,
        utterance: {
          utteranceId: utteranceId.parse(`${recordingId}-${index}`),
          recordingId,
          channel: index % 2 ? 'agent' : 'caller',
          part: 1,
          state: 'final',
          fromMs: index * 1_000,
          toMs: index * 1_000 + 900,
          text,
          words: [],
        },
      }),
    )
    link.send({ kind: 'lease-done', leaseId, fence })
  }
  link.socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      const frame = decodeFrame(data)
      const of = frame.ok ? streams.get(frame.stream) : undefined
      if (!frame.ok || !of) return
      const position = (frame.records.at(-1)?.sequence ?? 0) + 1
      return link.send({ kind: 'records-acknowledged', ...of, position })
    }
    const message = JSON.parse(data.toString('utf8')) as HubToWorker
    if (message.kind === 'lease-offer') {
      leases.set(message.lease.leaseId, message.lease)
      link.send({ kind: 'lease-accept', leaseId: message.lease.leaseId })
    }
    if (message.kind === 'part-follows')
      streams.set(message.stream, { leaseId: message.leaseId, part: message.header.part })
    const lease = message.kind === 'part-ends' && message.last ? leases.get(message.leaseId) : undefined
    if (lease) speak(lease)
  })
  link.send(aWorkerOffer())
  return link
}
