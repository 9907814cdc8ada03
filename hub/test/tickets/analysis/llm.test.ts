import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createFakeClock } from '../../../../protocol/testing/fakeClock.ts'
import { hubSettings } from '../../../src/settings/schema.ts'
import { createAnalyse } from '../../../src/tickets/analysis/createAnalyse.ts'
import { analyse as rules } from '../../../src/tickets/analysis/rules.ts'
import { fr } from '../../../src/tickets/texts/fr.ts'
import { aCall, someLines } from '../../../testing/ticketBuilders.ts'

const VERDICT = {
  title: 'Imprimante de l’accueil en panne',
  summary: 'L’imprimante ne répondait plus ; elle a été rebranchée.',
  category: 'Impression',
  priority: 'LOW',
  sentiment: 'positive',
  actions: ['Surveiller l’imprimante'],
  evidence: { category: ['imprimante'], priority: ['merci'], sentiment: ['merci beaucoup'] },
}
const saying = (content: string) => (answer: ServerResponse) =>
  answer
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ choices: [{ message: { content } }] }))

/** Starts a chat endpoint on a real socket that answers with `reply`. */
async function anEndpoint(reply: (answer: ServerResponse) => unknown) {
  const asked: { messages: { role: string; content: string }[] }[] = []
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof asked)[number])
      reply(answer)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const clock = createFakeClock()
  const failures: string[] = []
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const { analysis } = hubSettings.parse({ analysis: { kind: 'llm', url, model: 'local' } })
  const analyse = createAnalyse({
    settings: analysis,
    clock,
    texts: () => fr,
    onFallback: (error) => void failures.push(String(error)),
  })
  return { analyse, asked, failures, clock, server }
}

it('uses title, summary, verdicts and actions of the model, and keeps the call’s facts', async () => {
  const { analyse, asked, failures } = await anEndpoint(saying(JSON.stringify(VERDICT)))
  const found = await analyse(aCall(), someLines(), 'over')
  expect(found).toMatchObject({
    title: VERDICT.title,
    category: 'Impression',
    priority: 'LOW',
    evidence: VERDICT.evidence,
  })
  expect(found.actions).toEqual([{ text: 'Surveiller l’imprimante', done: false }])
  expect(found.description).toMatch(
    /^Appelant : Thomas Girard, Menuiserie Lambert[\s\S]*elle a été rebranchée\.$/,
  )
  expect(failures).toEqual([])
  // The transcript is sent as data, apart from the instruction.
  const [{ messages } = { messages: [] }] = asked
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user'])
  expect(messages[1]?.content).toContain('caller: Bonjour, l’imprimante de l’accueil')
})

it.each([
  ['an error', (answer: ServerResponse) => answer.writeHead(500).end()],
  ['no JSON', saying('Voici le ticket :')],
  ['a priority that does not exist', saying(JSON.stringify({ ...VERDICT, priority: 'URGENT' }))],
  ['a title without end', saying(JSON.stringify({ ...VERDICT, title: 'x'.repeat(5_000) }))],
  ['nothing at all', (answer: ServerResponse) => answer.destroy()],
  ['another shape', (answer: ServerResponse) => answer.end('{"choices":[]}')],
])('falls back to the rules, and reports it, when the endpoint answers %s', async (_, reply) => {
  const { analyse, failures } = await anEndpoint(reply)
  const lines = someLines()
  expect(await analyse(aCall(), lines, 'over')).toEqual(rules(aCall(), lines, fr))
  expect(failures).toHaveLength(1)
})

it('falls back to the rules when the endpoint does not answer in time', async () => {
  const arrived = Promise.withResolvers<undefined>()
  const { analyse, clock, failures } = await anEndpoint(() => arrived.resolve(undefined))
  const lines = someLines()
  const found = analyse(aCall(), lines, 'over')
  await arrived.promise
  await clock.advance(8_000)
  expect(await found).toEqual(rules(aCall(), lines, fr))
  expect(failures[0]).toMatch(/timed out|abort/i)
})

it('does not ask the model during a call, nor about a call without text', async () => {
  const { analyse, asked } = await anEndpoint(saying(JSON.stringify(VERDICT)))
  await analyse(aCall(), someLines(), 'live')
  await analyse(aCall(), [], 'over')
  expect(asked).toEqual([])
})
