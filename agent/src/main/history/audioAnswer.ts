import type { Playback } from './playback.ts'

export interface AudioAnswer {
  readonly status: 200 | 206 | 416
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array>
}

/** Returns a playback as an HTTP answer, with one byte range as media elements request it. The web server and Electron share it. */
export function answerAudio(
  playback: Pick<Playback, 'bytes' | 'read'>,
  range: string | null | undefined,
): AudioAnswer {
  const { bytes } = playback
  const kind = { 'content-type': 'audio/wav', 'accept-ranges': 'bytes', 'cache-control': 'no-store' }
  const asked = /^bytes=(\d*)-(\d*)$/.exec(range ?? '')
  if (!asked || (asked[1] === '' && asked[2] === ''))
    return {
      status: 200,
      headers: { ...kind, 'content-length': String(bytes) },
      body: playback.read(0, bytes),
    }
  const [, first = '', last = ''] = asked
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (from >= to)
    return { status: 416, headers: { ...kind, 'content-range': `bytes */${bytes}` }, body: nothing() }
  return {
    status: 206,
    headers: {
      ...kind,
      'content-length': String(to - from),
      'content-range': `bytes ${from}-${to - 1}/${bytes}`,
    },
    body: playback.read(from, to),
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // a refused range has no body
}
