// An honest agent in its own process: a new call with its recording twice a second, until its stdin ends; measures how
// long the hub takes to store the report and to open the recording.
import { readFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { callerOrder, type CallerResult } from './orders.ts'
import { openLinkOf } from './wire.ts'

const EVERY_MS = 500
/** An answer that takes longer counts as missing. */
const PATIENCE_MS = 10_000

const order = callerOrder.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')))
const ca = await readFile(order.caFile, 'utf8')
const waiting = new Map<string, number>()
const result = { stored: [] as number[], opened: [] as number[], links: 0 }
let stream = 0
let socket = await connect()
process.stdout.write('{"caller":"ready"}\n')
const calling = setInterval(() => void call(), EVERY_MS)
process.stdin.on('data', () => undefined)
process.stdin.on('end', () => void end())

async function connect(): Promise<WebSocket | undefined> {
  const opened = await openLinkOf('agent', { hub: new URL(order.hub), ca, token: order.token })
  if (!opened) return undefined
  result.links++
  opened.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return
    const message = JSON.parse(data.toString('utf8')) as { kind: string; callId?: string; stream?: number }
    if (message.kind === 'call-stored') answered(`call ${message.callId}`, result.stored)
    if (message.kind === 'part-position') answered(`part ${message.stream}`, result.opened)
  })
  return opened
}

function answered(what: string, delays: number[]): void {
  const sentMs = waiting.get(what)
  if (sentMs === undefined) return
  waiting.delete(what)
  delays.push(performance.now() - sentMs)
}

async function call(): Promise<void> {
  const nowMs = performance.now()
  if (socket?.readyState !== WebSocket.OPEN) {
    waiting.set(`link ${nowMs}`, nowMs) // no link, no call: counted as unanswered unless a link opens
    socket = await connect()
    if (!socket) return
    waiting.delete(`link ${nowMs}`)
  }
  const number = ++stream
  const [callId, recordingId] = [randomUUID(), randomUUID()]
  const startedAtMs = Date.now()
  const ids = { callId, recordingId, extension: order.extension }
  waiting.set(`call ${callId}`, nowMs).set(`part ${number}`, nowMs)
  socket.send(JSON.stringify({ kind: 'call-report', call: { ...ids, revision: 1, phase: 'talking', direction: 'inbound', startedAtMs, talkingSinceMs: startedAtMs, recording: 'recording' } })) // prettier-ignore
  socket.send(JSON.stringify({ kind: 'part-open', stream: number, header: { ...ids, part: 1, codec: 'opus', startedAtMs, previousPosition: 0, language: 'fr', consent: { basis: 'demonstration', ruleVersion: 1 } } })) // prettier-ignore
}

async function end(): Promise<void> {
  clearInterval(calling)
  const giveUpMs = performance.now() + PATIENCE_MS
  while (waiting.size > 0 && performance.now() < giveUpMs)
    await new Promise((resolve) => setTimeout(resolve, 20))
  const last: CallerResult = { caller: 'over', ...result, unanswered: waiting.size }
  process.stdout.write(`${JSON.stringify(last)}\n`)
  socket?.terminate()
}
