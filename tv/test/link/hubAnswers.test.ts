import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { hubAnswers } from '../../src/link/hubAnswers.ts'

async function anAddressThat(answers: { readonly status: number; readonly body: string }): Promise<string> {
  const server = createServer((_, outgoing) => outgoing.writeHead(answers.status).end(answers.body))
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health` // a listening TCP server has an AddressInfo
}

it.each([
  ['a hub that is ready', 200, '{"ready":true,"status":"ok","version":"0.1.0","parts":[]}', true],
  ['a hub that is not ready', 503, '{"ready":false,"status":"failed","version":"0.1.0","parts":[]}', true],
  ['a hub that stops', 503, '{"error":"stopping","message":"The hub stops or restarts."}', false],
  ['a proxy whose hub is away', 502, '<h1>Bad gateway</h1>', false],
  ['a proxy that says so as JSON', 502, '{"message":"no upstream"}', false],
])('hubAnswers judges %s', async (_, status, body, isThere) => {
  expect(await hubAnswers(createFakeClock(), await anAddressThat({ status, body }))).toBe(isThere)
})
