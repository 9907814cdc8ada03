import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { aWav } from '../../agent/testing/sounds.ts'
import { readStereoFile } from '../../agent/src/main/capture/sources/readStereoFile.ts'
import { readReference } from '../../scripts/demo/reference.ts'
import { FILED_MS, TRANSCRIBED_MS, draftAt, transcribed, openCompany } from './support/company.ts'
import { errorRates, transcriptsOf } from './support/ticketText.ts'

const TECHNICIAN = 'Camille Durand'
const CALLER = { number: '+33240112233', direction: 'inbound' }
/** Twice real time: the kills hit the same words, and the test takes half as long. */
const PACE = ['--speed', '2']
/** A pause between two sentences of the call: the caller's 'Attendez, je regarde' begins at 23.2 s. */
const PAUSE_SECONDS = 22.7

describe('SIGKILL in the middle of the call', () => {
  it('a call ends in exactly one ticket with the whole text when worker, hub, agent and NinjaOne are killed in turn', async () => {
    await using company = await openCompany()
    const reference = await readReference(1)
    await using firstHalf = await upTo(PAUSE_SECONDS, reference.audio)
    const killed: (number | string)[] = []
    const kill = async (part: { kill(signal: 'SIGKILL'): Promise<number | string> }) =>
      killed.push(await part.kill('SIGKILL'))

    const ninjaone = await company.startNinjaone()
    let hub = await company.startHub()
    await company.signInNinjaone()
    const worker = await company.startWorker()
    let agent = await company.startAgent(['--audio', firstHalf.path, ...PACE])
    company.phone(agent, { action: 'ring', ...CALLER }, { action: 'talk' })

    await agent.waitFor('the first words', transcribed(/support informatique/i), TRANSCRIBED_MS)
    await kill(worker)
    await company.startWorker()
    await agent.waitFor('words after the worker came back', transcribed(/imprimante/i), TRANSCRIBED_MS)
    await kill(hub)
    hub = await company.startHub()
    await agent.waitFor('words after the hub came back', transcribed(/message d'erreur/i), TRANSCRIBED_MS)
    await kill(agent)
    agent = await company.startAgent([
      '--audio',
      reference.audio,
      '--audio-from',
      String(PAUSE_SECONDS),
      ...PACE,
    ])
    company.phone(agent, { action: 'talk' }, { after: 'audio', action: 'hang-up' })
    await agent.waitFor('words after the agent came back', transcribed(/bourrage/i), TRANSCRIBED_MS)
    await kill(ninjaone)
    await hub.waitFor('an attempt in vain', (line) => line.msg === 'outbox.unreachable', FILED_MS)
    expect(killed).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL'])
    await company.startNinjaone()
    await agent.waitFor('a filed draft', draftAt('filed'), FILED_MS)
    await hub.waitFor(
      'the filed text',
      (line) => line.msg === 'outbox.created' && line.kind === 'comment',
      FILED_MS,
    )

    const tickets = await company.tickets()
    expect(tickets.map(({ subject }) => subject)).toEqual([expect.stringMatching(/imprimante/i)])
    const transcripts = transcriptsOf(tickets[0]!, TECHNICIAN)
    expect(transcripts).toHaveLength(1)
    const [lines = []] = transcripts
    const texts = lines.map(({ text }) => text)
    expect(new Set(texts).size, texts.join('\n')).toBe(texts.length)
    expect(lines.map(({ atSeconds }) => atSeconds)).toEqual(
      lines.map(({ atSeconds }) => atSeconds).toSorted((a, b) => a - b),
    )
    const rates = errorRates(reference, lines)
    expect(rates.agent, texts.join('\n')).toBeLessThanOrEqual(0.1)
    expect(rates.caller, texts.join('\n')).toBeLessThanOrEqual(0.1)
  })

  it('a hub killed while NinjaOne stores a ticket without answering finds the ticket again and files no second one', async () => {
    await using company = await openCompany()
    const reference = await readReference(1)
    await company.startNinjaone()
    let hub = await company.startHub()
    await company.signInNinjaone()
    await company.startWorker()
    const agent = await company.startAgent(['--audio', reference.audio, '--speed', '20', '--decide', 'file'])
    // NinjaOne delays the request until after the hub's kill, and executes it then.
    await company.fault({ on: 'POST /v2/ticketing/ticket', fault: { kind: 'slow', delayMs: 3_000 } })
    company.phone(
      agent,
      { action: 'ring', ...CALLER },
      { action: 'talk' },
      { after: 'audio', action: 'hang-up' },
    )
    await hub.waitFor(
      'the request leaving',
      (line) => line.msg === 'outbox.sending' && line.kind === 'ticket',
      FILED_MS,
    )
    expect(await hub.kill('SIGKILL')).toBe('SIGKILL')
    hub = await company.startHub()
    await hub.waitFor(
      'the filed text',
      (line) => line.msg === 'outbox.created' && line.kind === 'comment',
      FILED_MS,
    )
    await agent.waitFor('a filed draft', draftAt('filed'), FILED_MS)
    const tickets = await company.tickets()
    expect(tickets).toHaveLength(1)
    expect(transcriptsOf(tickets[0]!, TECHNICIAN)).toHaveLength(1)
  })
})

async function upTo(seconds: number, audio: string) {
  const sound = await readStereoFile(audio)
  const samples = Math.round(seconds * 16_000)
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-half-'))
  const file = path.join(folder, 'half.wav')
  await writeFile(
    file,
    aWav({ agent: sound.agent.subarray(0, samples), caller: sound.caller.subarray(0, samples) }),
  )
  return { path: file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
