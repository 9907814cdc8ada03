// Downloads a speech model and writes the worker's manifest next to it:
//   npm run model -- large-v3-turbo [--to FOLDER] [--base ADDRESS] [--sha256 SUM]
//   npm run model -- --list
import { open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { DownloadFailed, download, mega, sha256Of } from './download.ts'
import { KNOWN_MODELS } from './knownModels.ts'
import { manifestPath, stockManifest } from './modelManifest.ts'
import { showProgress } from './progress.ts'

const DEFAULT_BASE = 'https://huggingface.co/ggerganov/whisper.cpp/resolve/main'
const USAGE = `npm run model -- NAME [options]      downloads ggml-NAME.bin
npm run model -- --list              lists the models with known checksums

  --to FOLDER     target folder (data/models)
  --base ADDRESS  address of the folder on a server (NINJA_MODEL_BASE, or ${DEFAULT_BASE})
  --sha256 SUM    checksum of a model that is not in the list`
/** The first four bytes of every ggml file. */
const GGML_MAGIC = 0x67_67_6d_6c

await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})

async function run(): Promise<void> {
  const { values, positionals } = readArguments()
  if (values.list) return list()
  const [name] = positionals
  if (values.help || name === undefined || positionals.length > 1)
    return void process.stdout.write(`${USAGE}\n`)
  if (!/^[\w.-]{1,80}$/.test(name))
    throw new DownloadFailed(`'${name}' is not a valid model name. See --list.`)
  const known = KNOWN_MODELS[name]
  const sha256 = values.sha256?.toLowerCase() ?? known?.sha256
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    throw new DownloadFailed('--sha256 needs 64 hexadecimal digits.')
  const base = values.base ?? process.env.NINJA_MODEL_BASE ?? DEFAULT_BASE
  const file = path.resolve(values.to, `ggml-${name}.bin`)
  if (sha256 !== undefined && (await isThere(file, sha256))) return done(file, name, sha256, 'already exists')

  if (sha256 === undefined)
    process.stdout.write(`${name} is not a known model (--list): downloading it anyway.\n`)
  const progress = showProgress(`model ${name}`)
  const sum = await download({
    url: `${base.replace(/\/+$/, '')}/ggml-${name}.bin`,
    file,
    sha256,
    bytes: values.sha256 === undefined ? known?.bytes : undefined,
    onProgress: speedometer(progress.percent),
  })
  progress.done()
  if (sha256 === undefined)
    process.stdout.write(
      `The checksum of ${name} is unknown, so the file was NOT verified. Its SHA-256 is\n  ${sum}\nCompare it with its publisher's.\n`,
    )
  await done(file, name, sum, 'is ready')
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        to: { type: 'string', default: 'data/models' },
        base: { type: 'string' },
        sha256: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (cause) {
    throw new DownloadFailed(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`)
  }
}

function list(): void {
  for (const [name, { bytes, about }] of Object.entries(KNOWN_MODELS))
    process.stdout.write(`${name.padEnd(22)}${String(mega(bytes)).padStart(5)} MB  ${about}\n`)
}

async function isThere(file: string, sha256: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() === true && (await sha256Of(file)) === sha256
}

/** Writes the manifest: the worker refuses a file that differs from it, and uses a stock model only with its whole window. */
async function done(file: string, name: string, sha256: string, how: string): Promise<void> {
  const { size } = await stat(file)
  await assertGgml(file)
  const manifestFile = manifestPath(file)
  const kept = await readFile(manifestFile, 'utf8').catch(() => undefined)
  if (kept === undefined || !kept.includes(sha256)) {
    const manifest = stockManifest({ name, sha256, bytes: size })
    await writeFile(`${manifestFile}.new`, `${JSON.stringify(manifest, null, 2)}\n`)
    await rename(`${manifestFile}.new`, manifestFile)
  }
  process.stdout.write(`${file} ${how}. Use it with:  npm run worker -- --model ${file} …\n`)
}

async function assertGgml(file: string): Promise<void> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    if (bytesRead < 4 || buffer.readUInt32LE() !== GGML_MAGIC)
      throw new DownloadFailed(`${file} is not a ggml model: remove it and check the name and --base.`)
  } finally {
    await handle.close()
  }
}

/** Returns a function that shows percent, speed of the last seconds, and remaining time. */
function speedometer(show: (percent: number, detail: string) => void) {
  let mark = { atMs: Date.now(), bytes: -1 }
  let speed = 0
  return (bytes: number, total: number | undefined) => {
    const nowMs = Date.now()
    if (mark.bytes < 0) mark = { atMs: nowMs, bytes }
    if (nowMs - mark.atMs < 1_000 && bytes !== total) return
    if (nowMs > mark.atMs) speed = ((bytes - mark.bytes) / (nowMs - mark.atMs)) * 1_000
    mark = { atMs: nowMs, bytes }
    const amount = total ? `${mega(bytes)} of ${mega(total)} MB` : `${mega(bytes)} MB`
    const left = total && speed > 0 ? `, ${Math.ceil((total - bytes) / speed)} s left` : ''
    show(total ? (bytes / total) * 100 : 0, `${amount}, ${(speed / 1e6).toFixed(1)} MB/s${left}`)
  }
}
