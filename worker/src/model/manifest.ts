import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import { StartupError } from '../startupError.ts'

/** What a model can do and how it must be used: `<model>.json` beside the model file. */
export const manifestSchema = z.object({
  name: z.string().min(1).max(120),
  /** The languages that the model knows; empty: any language. */
  languages: z.array(z.string().min(2).max(10)).default([]),
  /** `by-length`: the encoder's window may be cut to the sound, which is many times faster. Stock models loop with a cut window. */
  audioContext: z.enum(['full', 'by-length']).default('full'),
  /** The longest piece that the model understands well, in seconds. */
  maxPieceSeconds: z.number().min(2).max(28).default(10),
  /** Whether earlier text and the site's vocabulary improve the model's text. */
  prompt: z.boolean().default(true),
  /** SHA-256 of the model file, hex, and its length. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  bytes: z.int().min(1).optional(),
  /** Shown to people, such as what it must not be used for. */
  note: z.string().max(500).optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** Returns the path of a model file's manifest. */
export const manifestFileOf = (model: string) => model.replace(/\.bin$/, '') + '.json'

/**
 * Resolves with the manifest of a model; a model without one gets careful defaults. Rejects with StartupError, naming the
 * remedy, when the model is missing, cut off or damaged: whisper.cpp loads such a file without an error and invents text.
 */
export async function readManifest(model: string): Promise<Manifest> {
  const found = await stat(model).catch(() => undefined)
  if (!found?.isFile())
    throw new StartupError(
      `The model ${model} is missing: get one with 'npm run model', or name another with --model.`,
    )
  const file = manifestFileOf(model)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new StartupError(`${file} cannot be read (${causeOf(error)}): give this user the right to read it.`)
  })
  if (text === undefined) return manifestSchema.parse({ name: path.basename(model, '.bin') })
  const manifest = parseManifest(file, text)
  const again = "Run 'npm run model' again."
  if (manifest.bytes !== undefined && manifest.bytes !== found.size)
    throw new StartupError(
      `The model ${model} has ${found.size} bytes instead of ${manifest.bytes}. ${again}`,
    )
  if (manifest.sha256 !== undefined && manifest.sha256 !== (await sha256Of(model)))
    throw new StartupError(
      `The model ${model} is not the file that ${path.basename(file)} describes (SHA-256 differs): it is damaged or was replaced. ${again}`,
    )
  return manifest
}

function parseManifest(file: string, text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    const wrong =
      cause instanceof z.ZodError
        ? cause.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
        : causeOf(cause)
    throw new StartupError(
      `${file} is no manifest of a model (${wrong}): correct it, or remove it to use careful defaults.`,
      { cause },
    )
  }
}

/** Resolves with the hash as hex digits. */
async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** Returns the language to ask the engine for: instead of `auto`, the one language of a model that knows only one. */
export function languageFor({ languages }: Manifest, requested: string): string {
  const [only, another] = languages
  return requested === 'auto' && only !== undefined && another === undefined ? only : requested
}

/** Returns whether a model knows the language; a model that names none knows any. */
export function knowsLanguage(languages: readonly string[], requested: string): boolean {
  return languages.length === 0 || requested === 'auto' || languages.includes(requested)
}

const UNITS_PER_SECOND = 50
const MARGIN_UNITS = 64
/** Not less: whisper.cpp 1.9 pads to 256 with audio of the decoder's earlier piece, so that one caller's audio would change another's text. */
const STEP_UNITS = 256
const FULL_WINDOW_UNITS = 1_500

/** Returns the encoder window for a piece of this many seconds; undefined: all of it. */
export function audioContextFor(manifest: Manifest, seconds: number): number | undefined {
  if (manifest.audioContext === 'full') return undefined
  const units = Math.ceil((seconds * UNITS_PER_SECOND + MARGIN_UNITS) / STEP_UNITS) * STEP_UNITS
  return Math.min(FULL_WINDOW_UNITS, units)
}
