// Sandbox PBX: stands in for a 3CX telephone system in demo and tests. It plays one call by a script, prints the state
// that a 3CX client would show on its own PC (JSON lines on stdout), and after the call reports it to the hub as our
// CRM template does (POST /webhook/3cx/call-event). The sandbox never contacts a real PBX.
// With --call-control PORT it also offers the Call Control API (client hubninja, key sandbox-api-key), waits for a
// connection, and plays the call there too: for a hub with threecx.callControl.url http://127.0.0.1:PORT.
//   node test/sandbox/pbx/main.ts --hub URL --ca FILE --secret S --extension 201 --number +33... --name ... --ring 2 --talk 56
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { request as plainRequest } from 'node:http'
import { parseArgs } from 'node:util'
import { setTimeout as after } from 'node:timers/promises'
import { startSandboxPbx } from './callControl.ts'
import { inbound } from './participants.ts'

const { values } = parseArgs({
  options: {
    hub: { type: 'string' },
    ca: { type: 'string' },
    secret: { type: 'string', default: '' },
    extension: { type: 'string', default: '201' },
    agent: { type: 'string', default: 'Camille' },
    number: { type: 'string', default: '+33240112233' },
    name: { type: 'string', default: '' },
    ring: { type: 'string', default: '2' },
    talk: { type: 'string', default: '56' },
    'call-control': { type: 'string' },
  },
})

const say = (fact: Record<string, unknown>) =>
  process.stdout.write(`${JSON.stringify({ sandbox: 'pbx', ...fact })}\n`)
const port = values['call-control']
const pbx = port === undefined ? undefined : await startSandboxPbx({ port: Number(port), numbers: { [values.extension]: 'Wextension' } }) // prettier-ignore
if (pbx) say({ callControl: pbx.url, clientId: pbx.client.clientId })
while (pbx?.sockets() === 0) await after(100)
const part = inbound({ id: 1, dn: values.extension, party_caller_id: values.number, party_caller_name: values.name }) // prettier-ignore
const started = new Date()
pbx?.put(part)
say({
  fact: 'ringing',
  direction: 'inbound',
  extension: values.extension,
  number: values.number,
  name: values.name,
})
await after(Number(values.ring) * 1000)
const established = new Date()
say({ fact: 'talking' })
pbx?.put({ ...part, status: 'Connected' })
await after(Number(values.talk) * 1000)
const ended = new Date()
say({ fact: 'hung-up' })
pbx?.take(values.extension, 1)
if (values.hub) say({ fact: 'reported', status: await report(values.hub) })
if (pbx) await after(1_000) // the hub's last request arrives
await pbx?.[Symbol.asyncDispose]()

/** Reports the call as 3CX's ReportCall does: only at its end, without a call id, with times in UTC. */
function report(hub: string): Promise<number> {
  const seconds = Math.round((ended.getTime() - established.getTime()) / 1000)
  const body = JSON.stringify({
    callType: 'Inbound',
    direction: 'Inbound',
    number: values.number,
    name: values.name,
    agentExt: values.extension,
    agentMail: '',
    agentFirst: values.agent,
    agentLast: '',
    queue: '',
    duration: new Date(seconds * 1000).toISOString().slice(11, 19),
    durationSeconds: String(seconds),
    startTime: iso(started),
    establishedTime: iso(established),
    endUtc: iso(ended),
    wav: '',
    transcription: '',
    summary: '',
    entityId: '',
  })
  const url = new URL('/webhook/3cx/call-event', hub)
  const options = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${values.secret}`,
      'content-length': Buffer.byteLength(body),
    },
    ...(values.ca ? { ca: readFileSync(values.ca) } : {}),
  }
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? request : plainRequest
    const outgoing = send(url, options, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function iso(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}
