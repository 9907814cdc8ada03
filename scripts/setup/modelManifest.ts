/** The manifest that the worker reads beside a model file; worker/test/model/manifest.test.ts holds both to one shape. */
export interface ModelManifest {
  readonly name: string
  readonly languages: readonly string[]
  readonly audioContext: 'full'
  readonly maxPieceSeconds: number
  readonly prompt: boolean
  readonly sha256: string
  readonly bytes: number
}

/** Returns the manifest of a stock model. Stock weights loop with a cut window, so they get the whole one. */
export function stockManifest(model: {
  readonly name: string
  readonly sha256: string
  readonly bytes: number
}): ModelManifest {
  const { name, sha256, bytes } = model
  const languages = /\.en\b/.test(name) ? ['en'] : []
  return { name, languages, audioContext: 'full', maxPieceSeconds: 10, prompt: true, sha256, bytes }
}

/** Returns the path of a model file's manifest, where the worker looks for it. */
export const manifestPath = (model: string) => model.replace(/\.bin$/, '') + '.json'
