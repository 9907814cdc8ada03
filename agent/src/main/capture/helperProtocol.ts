import { z } from 'zod'

/**
 * What our native capture helper (agent/native/loopback) and the agent say to each other.
 *
 * START. The agent starts one process per target with `helperArguments(target)`:
 *   `--target client --images 3CXSoftphone.exe,3CXDesktopApp.exe`   only what these programs (and their children) play
 *   `--target everything-but --pid 4711`                             all sound except that of process 4711 and its children
 *   `--target system`                                                all that the default output plays (endpoint loopback)
 * `client`: the helper itself looks for the first running process whose image name matches (case-insensitively, in the
 * order given), captures its process tree, and looks again every second when there is none or it has ended.
 *
 * STOP. stdin is a pipe that carries nothing. When it ends (agent stopped or died) the helper ends with code 0 within 1 s.
 *
 * SOUND, on stdout (binary): frames back to back, little-endian, a header of 32 bytes and then mono samples:
 *   offset 0  4 bytes  'N' 'J' 'A' '1'
 *          4  u16      header length in bytes: 32; a longer one is skipped over, so that it can grow
 *          6  u16      flags: 1 = silent (no samples follow, they are all zero), 2 = discontinuity (sound is missing before
 *                      this frame: overload, device changed, or the counter began anew)
 *          8  u32      rate in Hz: that of the device (8,000 to 192,000); may change only with the discontinuity flag
 *         12  u32      samples in this frame, 1 to rate/2; 10 to 100 ms are best
 *         16  u64      number of this frame's first sample since the helper's start; silent ones count too
 *         24  u64      QueryPerformanceCounter at the first sample, in units of 100 ns, as IAudioCaptureClient::GetBuffer gives
 *                      it; 0 where unknown: then the time of arrival counts
 *         32  s16le    mono samples (several channels are averaged by the helper), absent in a silent frame
 * A frame comes at least every 100 ms from the line `opened` on, also while nothing plays: the helper sends silent frames
 * for the time that has passed. Otherwise a caller who says nothing could not be told from a helper that hangs.
 *
 * STATE, on stderr: one JSON object per line (`helperLine`), UTF-8, at most 4 KiB; other lines are kept for the log.
 *
 * END. Exit code 0: stdin ended. Others: `HELPER_EXIT`; a `trouble` line before it tells the cause.
 */
export const HELPER_MAGIC = 0x31414a4e // 'NJA1', read as a little-endian u32
export const HELPER_HEADER_BYTES = 32
export const HELPER_FLAGS = { silent: 1, discontinuity: 2 } as const
export const MIN_RATE_HZ = 8_000
export const MAX_RATE_HZ = 192_000

export const HELPER_EXIT = {
  /** The command line is wrong. */
  usage: 2,
  /** This system cannot capture that target (process loopback needs Windows 10 build 20348): take the next target. */
  unsupported: 3,
  /** The sound system refused; the same target may work later. */
  failed: 4,
} as const

export type HelperTarget =
  | { readonly at: 'client'; readonly images: readonly string[] }
  | { readonly at: 'everything-but'; readonly pid: number }
  | { readonly at: 'system' }

export function helperArguments(target: HelperTarget): readonly string[] {
  switch (target.at) {
    case 'client':
      return ['--target', 'client', '--images', target.images.join(',')]
    case 'everything-but':
      return ['--target', 'everything-but', '--pid', String(target.pid)]
    case 'system':
      return ['--target', 'system']
  }
}

/** A line of the helper's stderr. */
export const helperLine = z.discriminatedUnion('kind', [
  /** Sound follows. `label`: what is captured, for the screen, such as `3CXSoftphone.exe (4711)` or a device's name. */
  z.object({ kind: z.literal('opened'), label: z.string().max(200), rateHz: z.int().min(1) }),
  /** Target `client` only: none of the programs runs. Silent frames are sent meanwhile. */
  z.object({ kind: z.literal('waiting'), for: z.string().max(400) }),
  /** What is wrong, in English for the log and the diagnosis; `code` such as `hresult:0x88890004`. */
  z.object({ kind: z.literal('trouble'), code: z.string().max(80), text: z.string().max(400) }),
])
export type HelperLine = z.infer<typeof helperLine>

export interface HelperFrame {
  readonly rateHz: number
  readonly firstSample: number
  /** 100 ns units; 0 when unknown. */
  readonly qpc: number
  readonly discontinuity: boolean
  readonly samples: Int16Array
}

/** The bytes of one frame; what the helper writes, and what tests write in its place. */
export function encodeHelperFrame(frame: HelperFrame & { readonly silent?: boolean }): Uint8Array {
  const count = frame.samples.length
  const bytes = new Uint8Array(HELPER_HEADER_BYTES + (frame.silent ? 0 : count * 2))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, HELPER_MAGIC, true)
  view.setUint16(4, HELPER_HEADER_BYTES, true)
  view.setUint16(
    6,
    (frame.silent ? HELPER_FLAGS.silent : 0) | (frame.discontinuity ? HELPER_FLAGS.discontinuity : 0),
    true,
  )
  view.setUint32(8, frame.rateHz, true)
  view.setUint32(12, count, true)
  view.setBigUint64(16, BigInt(frame.firstSample), true)
  view.setBigUint64(24, BigInt(frame.qpc), true)
  if (!frame.silent)
    frame.samples.forEach((sample, index) => view.setInt16(HELPER_HEADER_BYTES + index * 2, sample, true))
  return bytes
}

/** The longest header a later helper may send. */
const MAX_HEADER_BYTES = 256

/**
 * Takes the helper's bytes as they come and gives whole frames. Throws at the first byte that is not the protocol's:
 * there is no way back into step that could not invent sound, so the helper is started anew.
 */
export function createHelperReader(): (bytes: Uint8Array) => readonly HelperFrame[] {
  let rest: Uint8Array = new Uint8Array()
  return (bytes) => {
    rest = rest.length > 0 ? concatenate(rest, bytes) : bytes
    const frames: HelperFrame[] = []
    for (;;) {
      const parsed = parseFrame(rest)
      if (!parsed) break
      frames.push(parsed.frame)
      rest = rest.subarray(parsed.length)
    }
    if (rest.length > 0) rest = rest.slice() // the stream's buffer is used again
    return frames
  }
}

function parseFrame(bytes: Uint8Array): { readonly frame: HelperFrame; readonly length: number } | undefined {
  if (bytes.length < HELPER_HEADER_BYTES) {
    if (bytes.length >= 4 && viewOf(bytes).getUint32(0, true) !== HELPER_MAGIC) throw notOurs('no frame mark')
    return undefined
  }
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== HELPER_MAGIC) throw notOurs('no frame mark')
  const headerBytes = view.getUint16(4, true)
  const flags = view.getUint16(6, true)
  const rateHz = view.getUint32(8, true)
  const count = view.getUint32(12, true)
  if (headerBytes < HELPER_HEADER_BYTES || headerBytes > MAX_HEADER_BYTES)
    throw notOurs(`a header of ${headerBytes} bytes`)
  if (rateHz < MIN_RATE_HZ || rateHz > MAX_RATE_HZ) throw notOurs(`a rate of ${rateHz} Hz`)
  if (count < 1 || count > rateHz / 2) throw notOurs(`${count} samples in a frame`)
  const isSilent = (flags & HELPER_FLAGS.silent) !== 0
  const length = headerBytes + (isSilent ? 0 : count * 2)
  if (bytes.length < length) return undefined
  const samples = new Int16Array(count)
  if (!isSilent)
    for (let index = 0; index < count; index++) samples[index] = view.getInt16(headerBytes + index * 2, true)
  return {
    length,
    frame: {
      rateHz,
      firstSample: Number(view.getBigUint64(16, true)),
      qpc: Number(view.getBigUint64(24, true)),
      discontinuity: (flags & HELPER_FLAGS.discontinuity) !== 0,
      samples,
    },
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

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
