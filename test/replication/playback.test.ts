import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { aPlaybackCompany } from './playbackCompany.ts'

const SAID = ['Bonjour, mon imprimante est en panne.', 'Quel modèle est-ce ?']

// The tests run concurrently: audio plays by the real clock, so they mostly wait.
describe.concurrent('playback of a past call', () => {
  it('a call plays from the hub sample for sample as from this PC, whole and in ranges, with its text and its mark', async () => {
    await using company = await aPlaybackCompany()
    const { callId, recordingId } = await company.record()
    const here = await company.ask('openCall', { callId })
    expect(here.audio).toMatchObject({ at: 'here', from: 'pc' })
    const original = await company.wav(recordingId)
    expect(original.bytes.length).toBeGreaterThan(3 * 32_000)
    const stretches = ['bytes=0-0', 'bytes=40-50', 'bytes=32000-64043', 'bytes=70001-', 'bytes=-7']
    const before = await Promise.all(stretches.map((range) => company.wav(recordingId, range)))

    await company.transcribe(SAID)
    const { call, audio } = await company.ask('openCall', { callId })
    if (here.audio.at !== 'here') throw new Error('not here')
    expect(audio).toEqual({ ...here.audio, from: 'hub' })
    expect(call!.lines.map((line) => (line.kind === 'words' ? line.text : line.kind))).toEqual(
      expect.arrayContaining([...SAID, 'mark']),
    )
    // The ranges come in any order and begin with a jump: this PC has no copy yet.
    for (const [index, range] of stretches.entries()) {
      const { status, bytes } = await company.wav(recordingId, range)
      expect([status, bytes.equals(before[index]!.bytes)], range).toEqual([206, true])
    }
    expect((await company.wav(recordingId)).bytes.equals(original.bytes)).toBe(true)
    expect((await company.wav(recordingId, 'bytes=999999999-')).status).toBe(416)
  })

  it('a recording erased after the call is deleted everywhere at once', async ({ expect }) => {
    await using company = await aPlaybackCompany({ seconds: 1 })
    const { callId, recordingId } = await company.record()
    await company.transcribe(SAID)
    expect((await company.wav(recordingId)).status).toBe(200)
    expect(await readdir(company.playbackFolder)).toEqual([recordingId])
    await company.ask('actOnCall', { action: 'erase', callId })
    expect((await company.wav(recordingId)).status).toBe(404)
    expect(await company.ask('openCall', { callId })).toMatchObject({ audio: { at: 'gone', why: 'erased' } })
    await expect.poll(() => readdir(company.playbackFolder)).toEqual([])
    await company.hub.logged('recording.erased')
  })

  it('a recording that the hub’s own rule erases later is deleted on this PC with its words, even without a copy', async ({
    expect,
  }) => {
    await using company = await aPlaybackCompany({
      seconds: 1,
      settings: {
        threecx: { webhookSecret: 'webhook-secret-of-the-test-0123456789' },
        recording: { optOut: { numbers: ['0240112233'] } },
      },
    })
    const { callId, recordingId } = await company.record()
    await company.transcribe(SAID)
    expect((await company.wav(recordingId)).status).toBe(200)
    // The PBX reports only now that the caller is one who is never recorded.
    const body = JSON.stringify({
      agentExt: '201',
      number: '02 40 11 22 33',
      endUtc: new Date().toISOString(),
    })
    const headers = { authorization: 'Bearer webhook-secret-of-the-test-0123456789' }
    expect((await company.hub.ask('/webhook/3cx/call-event', { body, headers })).status).toBe(200)
    await company.hub.logged('recording.opted-out')
    await expect.poll(() => readdir(company.playbackFolder)).toEqual([])
    expect((await company.wav(recordingId)).status).toBe(404)
    const { call, audio } = await company.ask('openCall', { callId })
    expect(audio).toEqual({ at: 'gone', why: 'erased' })
    expect(call!.lines.filter(({ kind }) => kind === 'words')).toEqual([])
  })

  it('a recording past its retention on the hub is reported as expired', async ({ expect }) => {
    await using company = await aPlaybackCompany({ seconds: 1, settings: { retention: { audioDays: 0 } } })
    const { callId, recordingId } = await company.record()
    await company.transcribe(SAID)
    const card = () => company.web.agent.view().drafts[0]
    await company.until(() => card() !== undefined && card()?.draft.state.at !== 'collecting')
    // Repeated when the transcript has just changed the draft.
    const discard = async () => {
      const { draftId } = card()!.draft
      const choice = { kind: 'discard', reason: 'no-ticket-needed' } as const
      await company.ask('decideDraft', { draftId, choice })
      return card()?.draft.state.at
    }
    await expect.poll(discard).toBe('discarded')
    await company.hub.logged('retention.audio-deleted')
    const { call, audio } = await company.ask('openCall', { callId })
    expect(audio).toEqual({ at: 'gone', why: 'expired' })
    expect(call!.lines).toHaveLength(3) // the words and the mark stay
    expect((await company.wav(recordingId)).status).toBe(404)
  })

  it('the window reports a hub that is away, and still shows the words', async () => {
    await using company = await aPlaybackCompany({ seconds: 1 })
    const { callId, recordingId } = await company.record()
    await company.transcribe(SAID)
    await company.hub.stop()
    await company.until(() => company.web.agent.view().link !== 'open')
    expect(await company.ask('openCall', { callId })).toMatchObject({
      call: { lines: expect.arrayContaining([expect.objectContaining({ text: SAID[0] })]) as unknown },
      audio: { at: 'gone', why: 'hub-away' },
    })
    expect((await company.wav(recordingId)).status).toBe(404)
  })

  it('a request with a hostile recording name is refused, and playback continues', async () => {
    await using company = await aPlaybackCompany({ seconds: 1 })
    for (const name of ['..%2f..%2fsecrets.json', 'recording-0000', 'x', '%00', 'a'.repeat(300)])
      expect((await company.wav(name)).status, name).toBeGreaterThanOrEqual(400)
    const { recordingId } = await company.record()
    for (const range of [
      'bytes=5-1',
      'bytes=1e9-',
      'bytes=-',
      'bytes=0-1,3-4',
      'bytes=99999999999999999999-',
    ])
      expect([200, 416], range).toContain((await company.wav(recordingId, range)).status)
  })
})
