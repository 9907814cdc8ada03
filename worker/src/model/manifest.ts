import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

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
  sha256: z.string().length(64).optional(),
  bytes: z.int().min(1).optional(),
  /** Shown to people, such as what it must not be used for. */
  note: z.string().max(500).optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** Rejects with the remedy when the model is missing or was cut off; a model without manifest gets careful defaults. */
export async function readManifest(model: string): Promise<Manifest> {
  const found = await stat(model).catch(() => undefined)
  if (!found?.isFile())
    throw new Error(
      `The model ${model} is missing: get one with 'npm run model', or name another with --model.`,
    )
  const file = model.replace(/\.bin$/, '') + '.json'
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return manifestSchema.parse({ name: path.basename(model, '.bin') })
  let manifest: Manifest
  try {
    manifest = manifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${file} is no manifest of a model: correct it, or remove it to use careful defaults.`, {
      cause,
    })
  }
  if (manifest.bytes !== undefined && manifest.bytes !== found.size) {
    throw new Error(
      `The model ${model} has ${found.size} bytes instead of ${manifest.bytes}: the download was cut off. Run 'npm run model' again; it goes on where it stopped.`,
    )
  }
  return manifest
}

const UNITS_PER_SECOND = 50
const MARGIN_UNITS = 64
const STEP_UNITS = 128
const FULL_WINDOW_UNITS = 1_500

/** Encoder window for a piece of this many seconds; undefined: all of it. */
export function audioContextFor(manifest: Manifest, seconds: number): number | undefined {
  if (manifest.audioContext === 'full') return undefined
  const units = Math.ceil((seconds * UNITS_PER_SECOND + MARGIN_UNITS) / STEP_UNITS) * STEP_UNITS
  return Math.min(FULL_WINDOW_UNITS, units)
}
