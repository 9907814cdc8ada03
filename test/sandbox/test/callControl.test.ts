import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startSandboxPbx, type SandboxPbx } from '../pbx/callControl.ts'
import { inbound } from '../pbx/participants.ts'

const form = (pbx: Pick<SandboxPbx, 'client'>, change: Record<string, string> = {}) =>
  new URLSearchParams({
    client_id: pbx.client.clientId,
    client_secret: pbx.client.clientSecret,
    grant_type: 'client_credentials',
    ...change,
  })
const ask = (url: string, body: URLSearchParams | FormData | string) =>
  fetch(`${url}/connect/token`, { method: 'POST', body })
const tokenOf = async (pbx: SandboxPbx) =>
  ((await (await ask(pbx.url, form(pbx))).json()) as { access_token: string }).access_token
const get = async (pbx: SandboxPbx, at: string, token?: string) =>
  fetch(`${pbx.url}${at}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
/** Resolves with the HTTP status of the upgrade. */
const upgrade = async (url: string, headers: Record<string, string> = {}) => {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  socket.on('error', () => undefined)
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(
      ([, response]) => (response as { statusCode: number }).statusCode,
    ),
  ])
  socket.terminate()
  return status
}

it('the sandbox PBX issues a token for an urlencoded or multipart form with the right key and grant, and refuses all else', async () => {
  await using pbx = await startSandboxPbx()
  const multipart = new FormData()
  for (const [name, value] of form(pbx)) multipart.set(name, value)
  expect((await ask(pbx.url, multipart)).status).toBe(200)
  const answer = (await (await ask(pbx.url, form(pbx))).json()) as Record<string, unknown>
  expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3_600, refresh_token: null })
  const [, payload = ''] = String(answer['access_token']).split('.')
  const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    iat: number
    exp: number
  }
  expect(exp - iat).toBe(3_600)
  expect((await ask(pbx.url, JSON.stringify(Object.fromEntries(form(pbx))))).status).toBe(400)
  expect((await ask(pbx.url, form(pbx, { grant_type: 'password' }))).status).toBe(400)
  expect((await ask(pbx.url, form(pbx, { client_secret: 'x' }))).status).toBe(401)
})

it('the sandbox PBX accepts only the newest token of a client, and only in the header', async () => {
  await using pbx = await startSandboxPbx()
  const first = await tokenOf(pbx)
  expect((await get(pbx, '/callcontrol', first)).status).toBe(200)
  const second = await tokenOf(pbx)
  expect((await get(pbx, '/callcontrol', first)).status).toBe(401)
  expect((await get(pbx, `/callcontrol?access_token=${second}`)).status).toBe(401)
  expect(await upgrade(`${pbx.url}/callcontrol/ws`)).toBe(401)
  expect(await upgrade(`${pbx.url}/callcontrol/ws?token=${second}`, { authorization: `Bearer ${second}` })).toBe(404) // prettier-ignore
  expect(await upgrade(`${pbx.url}/callcontrol/ws`, { authorization: `Bearer ${first}` })).toBe(401)
  expect(await upgrade(`${pbx.url}/callcontrol/ws`, { authorization: `Bearer ${second}` })).toBe(101)
})

it('the sandbox PBX expires a token, and gives the lifetime in minutes as old versions do', async () => {
  let nowMs = 1_000_000
  await using pbx = await startSandboxPbx({ nowMs: () => nowMs })
  pbx.modes.reportsMinutes = true
  const { access_token, expires_in } = (await (await ask(pbx.url, form(pbx))).json()) as { access_token: string; expires_in: number } // prettier-ignore
  expect(expires_in).toBe(60)
  nowMs += 3_600_000
  expect((await get(pbx, '/callcontrol', access_token)).status).toBe(401)
})

it('the sandbox PBX lists its route point, the listed numbers, and a participant until its end', async () => {
  await using pbx = await startSandboxPbx({ numbers: { 201: 'Wextension' } })
  const token = await tokenOf(pbx)
  pbx.put(inbound({ id: 5, dn: '201' }))
  pbx.put(inbound({ id: 6, dn: '999' }))
  const list = (await (await get(pbx, '/callcontrol', token)).json()) as {
    dn: string
    participants: object[]
  }[]
  expect(list.map(({ dn, participants }) => `${dn} ${participants.length}`).sort()).toEqual(['201 1', 'hubninja 0']) // prettier-ignore
  expect((await get(pbx, '/callcontrol/201/participants/5', token)).status).toBe(200)
  pbx.take('201', 5)
  expect((await get(pbx, '/callcontrol/201/participants/5', token)).status).toBe(404)
  expect((await get(pbx, '/callcontrol/999/participants/6', token)).status).toBe(404)
})

it('the sandbox PBX sends frames without data as often as ordered, and answers a request on the stream', async () => {
  await using pbx = await startSandboxPbx()
  const token = await tokenOf(pbx)
  const socket = new WebSocket(`${pbx.url.replace('http', 'ws')}/callcontrol/ws`, { headers: { authorization: `Bearer ${token}` } }) // prettier-ignore
  const received: unknown[] = []
  socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString())))
  await once(socket, 'open')
  pbx.modes.twice = true
  pbx.put(inbound({ id: 5, dn: '201' }))
  socket.send(JSON.stringify({ RequestID: 'r1', Path: '/callcontrol/201/participants' }))
  while (received.length < 3) await once(socket, 'message')
  const event = { event_type: 0, entity: '/callcontrol/201/participants/5', attached_data: null }
  expect(received.slice(0, 2)).toEqual([{ sequence: 1, event }, { sequence: 2, event }]) // prettier-ignore
  expect(received[2]).toMatchObject({ event: { event_type: 4, attached_data: { RequestID: 'r1', StatusCode: 200 } } }) // prettier-ignore
  socket.terminate()
})

it('the sandbox PBX plays its call on its own over the Call Control port', async () => {
  const main = path.resolve(import.meta.dirname, '../pbx/main.ts')
  const child = spawn(process.execPath, [main, '--call-control', '0', '--ring', '0', '--talk', '0'], { stdio: ['ignore', 'pipe', 'inherit'] }) // prettier-ignore
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const { callControl: url } = JSON.parse(line) as { callControl: string }
  const client = { clientId: 'hubninja', clientSecret: 'sandbox-api-key' }
  const { access_token } = (await (await ask(url, form({ client }))).json()) as { access_token: string }
  const socket = new WebSocket(`${url.replace('http', 'ws')}/callcontrol/ws`, { headers: { authorization: `Bearer ${access_token}` } }) // prettier-ignore
  const types: number[] = []
  socket.on('message', (data: Buffer) =>
    types.push((JSON.parse(data.toString()) as { event: { event_type: number } }).event.event_type),
  )
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(0)
  expect(types).toEqual([0, 0, 1])
})
