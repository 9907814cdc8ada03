import {
  encodeFrame,
  hubToAgent,
  linkMessage,
  PROTOCOL_VERSION,
  SAMPLES_PER_RECORD,
} from '@3cx-ninja/protocol'
import { WebSocket } from 'ws'

export interface SimulatedAgent {
  /** Sends the next 100 ms of both channels. */
  sendFrame(measured: boolean): void
  outstanding(): number
  close(): void
}

export interface SimulatedAgentNeeds {
  readonly url: string
  readonly ca: string
  readonly token: string
  readonly dialect: 'hub' | 'relay'
  readonly number: number
  readonly frameBytes: number
  readonly onAnswer: (afterMs: number) => void
  readonly onClosed: () => void
}

const STREAM = 1
const RECORDS_PER_FRAME = 2
/** Head of the frame, and head and checksum of each record: see protocol/src/recordFrame.ts. */
const payloadBytes = (frameBytes: number) => Math.floor((frameBytes - 8) / RECORDS_PER_FRAME) - 14

/** Opens one agent with an active call; resolves when the hub has opened its part. The agent does as little work as possible. */
export function openSimulatedAgent(needs: SimulatedAgentNeeds): Promise<SimulatedAgent> {
  const payload = new Uint8Array(payloadBytes(needs.frameBytes)).map((_, index) => (index * 37) & 255)
  const socket = new WebSocket(needs.url, {
    ca: needs.ca,
    headers: { authorization: `Bearer ${needs.token}` },
    perMessageDeflate: false,
  })
  let sequence = 0
  let answered = 0
  /** Frames in flight: the position after the frame, and its send time (undefined when it is not measured). */
  const sent: { readonly position: number; readonly atMs: number | undefined }[] = []
  const say = (message: object) => socket.send(JSON.stringify(message))

  const take = (position: number) => {
    const nowMs = performance.now()
    while ((sent[answered]?.position ?? Infinity) <= position) {
      const atMs = sent[answered]?.atMs
      if (atMs !== undefined) needs.onAnswer(nowMs - atMs)
      answered += 1
    }
  }

  const agent: SimulatedAgent = {
    sendFrame(measured) {
      const firstSample = (sequence / RECORDS_PER_FRAME) * SAMPLES_PER_RECORD
      const frame = encodeFrame(STREAM, [
        { sequence, kind: 'audio', channel: 'agent', firstSample, payload },
        { sequence: sequence + 1, kind: 'audio', channel: 'caller', firstSample, payload },
      ])
      sequence += RECORDS_PER_FRAME
      sent.push({ position: sequence, atMs: measured ? performance.now() : undefined })
      socket.send(frame)
    },
    outstanding: () => sent.length - answered,
    close: () => socket.terminate(),
  }

  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code, reason) => {
      reject(new Error(`simulated agent ${needs.number}: closed, ${code} ${reason.toString()}`))
      needs.onClosed()
    })
    socket.on('open', () => {
      if (needs.dialect === 'relay') resolve(agent)
      else say({ kind: 'hello', protocol: PROTOCOL_VERSION, role: 'agent', version: 'bench' })
    })
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return
      const message = JSON.parse(data.toString('utf8')) as { kind: string; position?: number }
      if (message.kind === 'records-flushed') return take(message.position ?? 0)
      if (linkMessage.safeParse(message).data?.kind === 'welcome') return begin(needs.number, say)
      const known = hubToAgent.safeParse(message).data
      if (known?.kind === 'part-position') resolve(agent)
      if (known?.kind === 'part-refused') reject(new Error(`the hub refused a part: ${known.detail}`))
    })
  })
}

/** A call in progress and its recording, as an agent reports them. */
function begin(number: number, say: (message: object) => void): void {
  const id = (what: string) => `bench-${what}-${String(number).padStart(6, '0')}`
  const startedAtMs = Date.now()
  const extension = String(10_000 + number)
  const call = { callId: id('call'), recordingId: id('recording'), extension }
  say({
    kind: 'call-report',
    call: {
      ...call,
      revision: 1,
      phase: 'talking',
      direction: 'inbound',
      startedAtMs,
      talkingSinceMs: startedAtMs,
      recording: 'recording',
    },
  })
  say({
    kind: 'part-open',
    stream: STREAM,
    header: {
      ...call,
      part: 1,
      codec: 'opus',
      startedAtMs,
      previousPosition: 0,
      language: 'fr',
      consent: { basis: 'demonstration', ruleVersion: 1 },
    },
  })
}
