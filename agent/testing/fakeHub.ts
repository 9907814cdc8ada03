import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  hubToAgent,
  acceptLink,
  agentToHub,
  callId,
  decodeFrame,
  draftId,
  linkTuning,
  type partRefused,
  recordingId as recordingIdSchema,
  streamOfFrame,
  type AcceptedLink,
  type AgentSettings,
  type AgentToHub,
  type CallId,
  type CallSnapshot,
  type CloseName,
  type Draft,
  type HubToAgent,
  type LinkTuning,
  type LogRecord,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { WebSocketServer, type WebSocket } from 'ws'
import type { z } from 'zod'
import { EVENT_LIMIT_MS } from '../../protocol/testing/eventLimit.ts'

type RefusalReason = z.infer<typeof partRefused>['reason']

export const confirmedSettings: AgentSettings = {
  kind: 'agent-settings',
  language: 'fr',
  countdownMs: 15_000,
  consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1, text: 'demo' },
  country: 'FR',
  optOut: { extensions: [], numbers: [] },
}

export interface FakeHubOptions {
  settings?: AgentSettings
  /** Whether the hub sends 'recording-safe' as soon as a sealed recording is whole. */
  safeWhenSealed?: boolean
  /** Whether the hub offers a draft at hang-up, and files the draft as soon as the agent reports it visible. */
  drafts?: 'none' | 'offer' | 'file-when-visible'
  tuning?: LinkTuning
}

interface HeldPart {
  header: PartHeader
  records: LogRecord[]
}

/** Starts a hub for tests of the agent that speaks PROTOCOL.md over real sockets and keeps all data in memory. */
export async function startFakeHub(options: FakeHubOptions = {}) {
  const state = {
    settings: options.settings ?? confirmedSettings,
    safeWhenSealed: options.safeWhenSealed ?? true,
    drafts: options.drafts ?? 'none',
    online: true,
    /** Makes the hub answer the next part-open with this refusal. */
    refuseNext: undefined as RefusalReason | undefined,
    /** Makes the hub answer the next frame with this position, whatever the frame holds. */
    wrongPositionNext: undefined as number | undefined,
    /** Makes the hub cut the link after so many frames. */
    cutAfterFrames: Infinity,
  }
  const parts = new Map<string, HeldPart>()
  const calls = new Map<CallId, CallSnapshot>()
  const drafts = new Map<string, Draft>()
  const erased = new Set<RecordingId>()
  const received: AgentToHub[] = []
  const frames: { stream: number; records: number; firstSequence: number }[] = []
  const links = new Set<{
    link: AcceptedLink<HubToAgent>
    socket: WebSocket
    streams: Map<number, HeldPart>
  }>()
  const listeners = new Set<() => void>()
  const wake = () => [...listeners].forEach((listener) => listener())
  let enrollments = 0

  const server = createServer((request, response) => void answerHttp(request, response))
  const answerHttp = async (request: IncomingMessage, response: ServerResponse) => {
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (!state.online) return json(503, { error: 'away', message: 'The hub starts.' })
    let text = ''
    for await (const chunk of request) text += String(chunk)
    if (request.method !== 'POST' || request.url !== '/api/enroll')
      return json(404, { error: 'no', message: 'no' })
    const { secret } = JSON.parse(text) as { secret: string }
    if (secret !== 'key-1')
      return json(403, { error: 'bad-key', message: 'This enrollment key is used or unknown.' })
    enrollments += 1
    json(200, { id: 'agent-0001', token: 'token-1', hubName: 'Fake hub' })
  }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 262_144 })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!state.online) return void socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n')
    if (request.headers.authorization !== 'Bearer token-1' || request.url !== '/link/agent')
      return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, accept)
  })

  const accept = (socket: WebSocket) => {
    const streams = new Map<number, HeldPart>()
    const link = acceptLink<AgentToHub, HubToAgent>({
      socket: {
        send: (data) => {
          if (socket.readyState === socket.OPEN) socket.send(data)
        },
        close: (code, reason) => socket.close(code, reason),
        bufferedBytes: () => socket.bufferedAmount,
      },
      role: 'agent',
      clientId: 'agent-0001',
      hubVersion: 'fake',
      clock: systemClock,
      incoming: agentToHub,
      outgoing: hubToAgent,
      tuning: options.tuning ?? linkTuning,
      onReady() {
        link.send(state.settings)
        for (const draft of drafts.values()) link.send({ kind: 'draft', draft })
        wake()
      },
      onMessage(message) {
        received.push(message)
        answer(link, streams, message)
        wake()
      },
      onBinary(bytes) {
        takeFrame(link, streams, bytes, socket)
        wake()
      },
      onClosed: () => links.delete(entry),
    })
    const entry = { link, socket, streams }
    links.add(entry)
    socket.on('message', (data: Buffer, isBinary) =>
      link.received(isBinary ? new Uint8Array(data) : data.toString('utf8')),
    )
    socket.on('close', (code) => {
      link.closed(code)
      wake()
    })
  }

  const answer = (link: AcceptedLink<HubToAgent>, streams: Map<number, HeldPart>, message: AgentToHub) => {
    switch (message.kind) {
      case 'call-report': {
        const known = calls.get(message.call.callId)
        if (!known || known.revision < message.call.revision) calls.set(message.call.callId, message.call)
        link.send({ kind: 'call-stored', callId: message.call.callId, revision: message.call.revision })
        const canonical = callId.parse(`canon-${message.call.callId}`.slice(0, 64))
        link.send({
          kind: 'call-identified',
          alias: message.call.callId,
          call: {
            ...message.call,
            callId: canonical,
            caller: { match: 'one', contactName: 'Thomas Girard' },
          },
        })
        if (message.call.phase === 'wrap-up' && state.drafts !== 'none') offer(canonical)
        return
      }
      case 'part-open': {
        const { stream, header } = message
        const refuse = (reason: RefusalReason) =>
          void link.send({ kind: 'part-refused', stream, reason, detail: reason })
        const reason = state.refuseNext
        state.refuseNext = undefined
        if (reason) return refuse(reason)
        if (erased.has(header.recordingId)) return refuse('erased')
        const key = `${header.recordingId}/${header.part}`
        const part = parts.get(key) ?? { header, records: [] }
        if (JSON.stringify(part.header) !== JSON.stringify(header)) return refuse('header-differs')
        parts.set(key, part)
        streams.set(stream, part)
        link.send({ kind: 'part-position', stream, position: part.records.length })
        link.send({ kind: 'records-flushed', stream, position: part.records.length })
        reportSafe(link, header.recordingId)
        return
      }
      case 'join-take-back':
        return // this hub joins nothing
      case 'part-close':
        streams.delete(message.stream)
        return
      case 'recording-erase':
        erased.add(message.recordingId)
        for (const key of [...parts.keys()]) if (key.startsWith(message.recordingId)) parts.delete(key)
        link.send({ kind: 'recording-erased', recordingId: message.recordingId })
        return
      case 'draft-visible': {
        const draft = drafts.get(message.draftId)
        if (!draft || draft.state.at === 'filed') return
        if (state.drafts === 'file-when-visible') fileDraft(draft)
        return
      }
      case 'draft-decide': {
        const draft = drafts.get(message.draftId)
        if (!draft) return
        if (message.decision.kind === 'file') fileDraft(draft)
        if (message.decision.kind === 'hold') change({ ...draft, state: { at: 'held' } })
        if (message.decision.kind === 'discard')
          change({ ...draft, state: { at: 'discarded', reason: message.decision.reason } })
        return
      }
      case 'draft-edit': {
        const draft = drafts.get(message.draftId)
        if (!draft) {
          link.send({ kind: 'draft-refused', draftId: message.draftId, reason: 'unknown-draft' })
          return
        }
        if (message.baseRevision !== draft.revision) {
          link.send({ kind: 'draft-refused', draftId: draft.draftId, reason: 'stale-revision', draft })
          return
        }
        const changes = Object.fromEntries(Object.entries(message.changes).filter(([, v]) => v !== undefined))
        change({ ...draft, fields: { ...draft.fields, ...changes } })
      }
    }
  }

  const takeFrame = (
    link: AcceptedLink<HubToAgent>,
    streams: Map<number, HeldPart>,
    bytes: Uint8Array,
    socket: WebSocket,
  ) => {
    const stream = streamOfFrame(bytes) ?? 0
    const part = streams.get(stream)
    if (!part) return
    const frame = decodeFrame(bytes)
    if (!frame.ok) {
      streams.delete(stream)
      link.send({ kind: 'part-refused', stream, reason: 'broken-record', detail: frame.fault })
      return
    }
    const firstSequence = frame.records[0]?.sequence ?? 0
    if (state.wrongPositionNext !== undefined) {
      part.records.length = Math.min(part.records.length, state.wrongPositionNext)
      state.wrongPositionNext = undefined
    }
    if (firstSequence !== part.records.length) {
      link.send({ kind: 'part-position', stream, position: part.records.length })
      return
    }
    frames.push({ stream, records: frame.records.length, firstSequence })
    part.records.push(...frame.records.map((record) => ({ ...record, payload: record.payload.slice() })))
    if (frames.length >= state.cutAfterFrames) {
      state.cutAfterFrames = Infinity
      socket.terminate() // stored, but the acknowledgement never leaves
      return
    }
    link.send({ kind: 'records-flushed', stream, position: part.records.length })
    reportSafe(link, part.header.recordingId)
  }
  const isSealed = (recordingId: RecordingId) =>
    [...parts.values()].some(
      ({ header, records }) => header.recordingId === recordingId && records.at(-1)?.kind === 'sealed',
    )
  const reportSafe = (link: AcceptedLink<HubToAgent>, recordingId: RecordingId) => {
    if (state.safeWhenSealed && isSealed(recordingId)) link.send({ kind: 'recording-safe', recordingId })
  }

  const broadcast = (message: HubToAgent) => links.forEach(({ link }) => link.send(message))
  const change = (draft: Draft) => {
    const next = { ...draft, revision: draft.revision + 1 }
    drafts.set(next.draftId, next)
    broadcast({ kind: 'draft', draft: next })
  }
  const fileDraft = (draft: Draft) =>
    change({ ...draft, state: { at: 'filed', ticketId: '4711', filedAtMs: 1_800_000_000_000 } })
  const offer = (of: CallId) => {
    const id = draftId.parse(`draft-${of}`.slice(0, 64))
    if (drafts.has(id)) return
    const now = 1_800_000_000_000
    change({
      draftId: id,
      callId: of,
      revision: 0,
      state: { at: 'proposed' },
      fields: {
        title: 'Imprimante en panne',
        description: '',
        category: 'Matériel',
        priority: 'MEDIUM',
        contactId: null,
        contactName: null,
        organizationId: null,
        organizationName: null,
        actions: [],
      },
      sentiment: 'neutral',
      evidence: { category: [], priority: [], sentiment: [] },
      transcript: 'complete',
      extension: '201',
      createdAtMs: now,
    })
  }

  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const cut = () => [...links].forEach(({ socket }) => socket.terminate())

  return {
    url: `http://127.0.0.1:${port}`,
    enrollmentKey: 'key-1.pin',
    state,
    calls,
    drafts,
    received,
    frames,
    erased,
    enrollments: () => enrollments,
    isLinked: () => links.size > 0,
    /** Returns all records of a recording, part by part. */
    partsOf: (recordingId: string) =>
      [...parts.values()]
        .filter(({ header }) => header.recordingId === recordingIdSchema.parse(recordingId))
        .sort((a, b) => a.header.part - b.header.part),
    recordings: () => [...new Set([...parts.values()].map(({ header }) => header.recordingId))],
    isSealed,
    send: broadcast,
    change,
    cut,
    /** Closes the links as the hub does, with this code. */
    close: (name: CloseName) => [...links].forEach(({ link }) => link.close(name)),
    goOffline() {
      state.online = false
      cut()
    },
    goOnline: () => void (state.online = true),
    /** Resolves once the condition holds: at once, or after a message of the agent. */
    until: (what: string, isTrue: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const limit = setTimeout(() => {
          listeners.delete(poll)
          reject(new Error(`the hub waited in vain for: ${what}`))
        }, EVENT_LIMIT_MS)
        const poll = () => {
          if (!isTrue()) return
          clearTimeout(limit)
          listeners.delete(poll)
          resolve()
        }
        listeners.add(poll)
        poll()
      }),
    async [Symbol.asyncDispose]() {
      cut()
      sockets.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export type FakeHub = Awaited<ReturnType<typeof startFakeHub>>
