import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { causeOf } from '../log.ts'
import { Unfit } from '../unfit.ts'

/** What a model can do and how it wants to be used: `<model>.json` beside the model file. */
export const manifestSchema = z.object({
  name: z.string().min(1).max(120),
  /** Languages it knows; empty: whatever it is asked. */
  languages: z.array(z.string().min(2).max(10)).default([]),
  /** `by-length`: the encoder's window may be cut to the sound, which is many times faster. Stock models loop when it is cut. */
  audioContext: z.enum(['full', 'by-length']).default('full'),
  /** The longest piece it understands well, seconds. */
  maxPieceSeconds: z.number().min(2).max(28).default(10),
  /** Whether earlier text and the site's vocabulary help it. */
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

/** Where the manifest of a model file stands. */
export const manifestFileOf = (model: string) => model.replace(/\.bin$/, '') + '.json'

/**
 * What is known of a model; one without manifest gets careful defaults. Rejects with Unfit, naming the remedy, when the
 * model is missing, was cut off or damaged: whisper.cpp loads such a file without a word and invents text.
 */
export async function readManifest(model: string): Promise<Manifest> {
  const found = await stat(model).catch(() => undefined)
  if (!found?.isFile())
    throw new Unfit(
      `The model ${model} is missing: get one with 'npm run model', or name another with --model.`,
    )
  const file = manifestFileOf(model)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new Unfit(`${file} cannot be read (${causeOf(error)}): give this user the right to read it.`)
  })
  if (text === undefined) return manifestSchema.parse({ name: path.basename(model, '.bin') })
  const manifest = parseManifest(file, text)
  const again = "Run 'npm run model' again."
  if (manifest.bytes !== undefined && manifest.bytes !== found.size)
    throw new Unfit(`The model ${model} has ${found.size} bytes instead of ${manifest.bytes}. ${again}`)
  if (manifest.sha256 !== undefined && manifest.sha256 !== (await sha256Of(model)))
    throw new Unfit(
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
    throw new Unfit(
      `${file} is no manifest of a model (${wrong}): correct it, or remove it to use careful defaults.`,
      { cause },
    )
  }
}

/** Hex. */
async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** What the engine is asked for: instead of `auto` the language of a model that knows no other. */
export function languageFor({ languages }: Manifest, wanted: string): string {
  const [only, another] = languages
  return wanted === 'auto' && only !== undefined && another === undefined ? only : wanted
}

/** A model that names no languages takes whatever it is asked. */
export function knowsLanguage(languages: readonly string[], wanted: string): boolean {
  return languages.length === 0 || wanted === 'auto' || languages.includes(wanted)
}

const UNITS_PER_SECOND = 50
const MARGIN_UNITS = 64
/** Not less: whisper.cpp 1.9 pads to 256 with what the decoder heard before, so that one caller's sound would touch another's text. */
const STEP_UNITS = 256
const FULL_WINDOW_UNITS = 1_500

/** Encoder window for a piece of this many seconds; undefined: all of it. */
export function audioContextFor(manifest: Manifest, seconds: number): number | undefined {
  if (manifest.audioContext === 'full') return undefined
  const units = Math.ceil((seconds * UNITS_PER_SECOND + MARGIN_UNITS) / STEP_UNITS) * STEP_UNITS
  return Math.min(FULL_WINDOW_UNITS, units)
}
