import { z } from 'zod'

/**
 * The protocol between our native capture helper (agent/native/loopback) and the agent.
 *
 * START. The agent starts one process per target with `helperArguments(target)`:
 *   `--target client --images 3CXSoftphone.exe,3CXDesktopApp.exe`   only what these programs (and their children) play
 *   `--target everything-but --pid 4711`                             all sound except that of process 4711 and its children
 *   `--target system --images 3CXSoftphone.exe,…`                    all that the output of these programs plays, else the default one (endpoint loopback)
 * An image may end with `*` for any ending (never the agent's own program); `package:3CXDMCC.3CX_` is a program of a package
 * whose family name begins so.
 * `client`: the helper itself searches for the first running process whose image name matches (case-insensitively, in the
 * order given), captures its process tree, and searches again every second when there is none or the process has ended.
 *
 * STOP. stdin is a pipe that carries nothing. When it ends (agent stopped or died) the helper ends with code 0 within 1 s.
 *
 * SOUND, on stdout (binary): frames back to back, little-endian, a header of 26 bytes and then mono samples at 16 kHz:
 *   offset 0  4 bytes  'N' 'J' 'A' 'F'
 *          4  u32      sequence: grows by one with each frame, from 0
 *          8  u64      number of this frame's first sample since the helper's start
 *         16  u64      when it was played: QueryPerformanceCounter in units of 100 ns; 0 where unknown
 *         24  u16      samples in this frame, 1 to 1,600; the helper sends 320 (20 ms)
 *         26  s16le    the samples
 * The helper's clock never stops: while nothing plays it sends silence for the time that has passed, at least every 300 ms
 * from its start on. Otherwise a silent caller could not be distinguished from a helper that hangs.
 * The layout is also in agent/native/loopback/frame.h: change both or neither.
 *
 * STATE, on stderr: one JSON object per line (`helperLine`), UTF-8, at most 4 KiB; other lines are kept for the log.
 *
 * END. Exit code 0: stdin ended. Others: `HELPER_EXIT`; an `error` line before the end names the cause.
 */
export const HELPER_MAGIC = 0x46414a4e // 'NJAF', read as a little-endian u32
/** Length in bytes of a frame's header, as the table above lays it out. */
export const HELPER_HEADER_BYTES = 26
/** Maximum samples of one frame; a larger count means bytes that are not the protocol's. */
export const MAX_HELPER_SAMPLES = 1_600

/** Exit codes of the helper besides 0; each decides whether the same target is retried. */
export const HELPER_EXIT = {
  /** The command line is wrong. */
  usage: 2,
  /** This system cannot capture that target (process loopback needs Windows 10 build 19041, and some programs hide their calls from it): the next target is used. */
  unsupported: 3,
  /** The sound system refused; the same target may work later. */
  failed: 4,
} as const

/** The audio that the helper captures: a program's, everything but ours, or an output's. */
export type HelperTarget =
  | { readonly kind: 'client'; readonly images: readonly string[] }
  | { readonly kind: 'everything-but'; readonly pid: number }
  | { readonly kind: 'system'; readonly images: readonly string[] }

/** Returns the command line of the helper for this target. */
export function helperArguments(target: HelperTarget): readonly string[] {
  switch (target.kind) {
    case 'client':
      return ['--target', 'client', '--images', target.images.join(',')]
    case 'everything-but':
      return ['--target', 'everything-but', '--pid', String(target.pid)]
    case 'system':
      return [
        '--target',
        'system',
        ...(target.images.length > 0 ? ['--images', target.images.join(',')] : []),
      ]
  }
}

/** Schema of one line of the helper's stderr, by `kind`. */
export const helperLine = z.discriminatedUnion('kind', [
  /** Audio follows. `label`: what is captured, for the screen, such as `3CXSoftphone.exe (4711)` or a device's name. */
  z.object({ kind: z.literal('opened'), label: z.string().max(200) }),
  /** Target `client` only: none of the programs runs. The helper sends silent frames meanwhile. */
  z.object({ kind: z.literal('waiting'), for: z.string().max(400) }),
  /** A failure, in English for the log and the diagnosis; `code` such as `hresult:0x88890004`. */
  z.object({ kind: z.literal('error'), code: z.string().max(80), text: z.string().max(400) }),
])
export type HelperLine = z.infer<typeof helperLine>

/** One decoded frame of the helper's stdout: consecutive mono samples at 16 kHz. */
export interface HelperFrame {
  readonly sequence: number
  readonly firstSample: number
  /** 100 ns units; 0 when unknown. */
  readonly qpc: number
  readonly samples: Int16Array
}

/** Returns the bytes of one frame, as the helper writes them; tests write these in its place. */
export function encodeHelperFrame({ sequence, firstSample, qpc, samples }: HelperFrame): Uint8Array {
  const bytes = new Uint8Array(HELPER_HEADER_BYTES + samples.length * 2)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, HELPER_MAGIC, true)
  view.setUint32(4, sequence, true)
  view.setBigUint64(8, BigInt(firstSample), true)
  view.setBigUint64(16, BigInt(qpc), true)
  view.setUint16(24, samples.length, true)
  samples.forEach((sample, index) => view.setInt16(HELPER_HEADER_BYTES + index * 2, sample, true))
  return bytes
}

/**
 * Returns a reader that consumes the helper's bytes as they come and returns whole frames. Throws at the first byte that is
 * not the protocol's: resynchronizing could invent audio, so the owner starts the helper again.
 */
export function createHelperReader(): (bytes: Uint8Array) => readonly HelperFrame[] {
  let rest: Uint8Array = new Uint8Array()
  let expected: { readonly sequence: number; readonly sample: number } | undefined
  return (bytes) => {
    rest = rest.length > 0 ? concatenate(rest, bytes) : bytes
    const frames: HelperFrame[] = []
    for (;;) {
      const parsed = parseFrame(rest)
      if (!parsed) break
      const { frame } = parsed
      if (expected && (frame.sequence !== expected.sequence || frame.firstSample !== expected.sample))
        throw notOurs(`frame ${frame.sequence} instead of ${expected.sequence}`)
      expected = {
        sequence: (frame.sequence + 1) % 2 ** 32,
        sample: frame.firstSample + frame.samples.length,
      }
      frames.push(frame)
      rest = rest.subarray(parsed.length)
    }
    rest = rest.slice() // the stream reuses its buffer
    return frames
  }
}

function parseFrame(bytes: Uint8Array): { readonly frame: HelperFrame; readonly length: number } | undefined {
  if (bytes.length < 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== HELPER_MAGIC) throw notOurs('something that is no frame')
  if (bytes.length < HELPER_HEADER_BYTES) return undefined
  const count = view.getUint16(24, true)
  if (count < 1 || count > MAX_HELPER_SAMPLES) throw notOurs(`${count} samples in a frame`)
  const length = HELPER_HEADER_BYTES + count * 2
  if (bytes.length < length) return undefined
  const samples = new Int16Array(count)
  for (let index = 0; index < count; index++)
    samples[index] = view.getInt16(HELPER_HEADER_BYTES + index * 2, true)
  return {
    length,
    frame: {
      sequence: view.getUint32(4, true),
      firstSample: Number(view.getBigUint64(8, true)),
      qpc: Number(view.getBigUint64(16, true)),
      samples,
    },
  }
}

function notOurs(what: string): Error {
  return new Error(
    `The capture helper sent ${what}: it is another version or damaged; install the agent again.`,
  )
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
