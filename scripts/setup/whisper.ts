// Builds whisper.cpp's server (that target only) into build/whisper/ from the source inside the npm package
// nodejs-whisper, without a download. Run through `npm run setup:whisper -- [--cuda|--vulkan|--metal|--cpu]`.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { showProgress } from './progress.ts'

const root = path.resolve(import.meta.dirname, '../..')
const source = path.join(root, 'node_modules', 'nodejs-whisper', 'cpp', 'whisper.cpp')
const target = path.join(root, 'build', 'whisper')
const stampFile = path.join(target, 'stamp')
const binary = path.join(
  target,
  'bin',
  process.platform === 'win32' ? 'whisper-server.exe' : 'whisper-server',
)

const GPU = {
  cuda: { flags: ['-DGGML_CUDA=ON'], needs: 'the CUDA toolkit (nvcc)' },
  vulkan: { flags: ['-DGGML_VULKAN=ON'], needs: 'the Vulkan SDK (glslc, libvulkan-dev)' },
  metal: { flags: ['-DGGML_METAL=ON'], needs: 'Xcode' },
} as const

const OPTIONS = {
  cuda: { type: 'boolean', default: false },
  vulkan: { type: 'boolean', default: false },
  metal: { type: 'boolean', default: false },
  cpu: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const
const USAGE = `npm run setup:whisper -- [options]      builds whisper-server, which the worker starts; without options: for CPUs

  --cuda     NVIDIA: needs ${GPU.cuda.needs}
  --vulkan   AMD, Intel, NVIDIA: needs ${GPU.vulkan.needs}
  --metal    Apple: needs ${GPU.metal.needs}
  --cpu      for CPUs, even if one for a GPU was built earlier
  --force    builds again, even if it exists`

const values = readArguments()
const chosen = (Object.keys(GPU) as (keyof typeof GPU)[]).filter((name) => values[name])

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}\n`)
    process.exit(2)
  }
}

const flags = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DWHISPER_BUILD_TESTS=OFF',
  '-DWHISPER_BUILD_SERVER=ON',
  ...(chosen.includes('metal') ? [] : ['-DGGML_METAL=OFF']),
  ...chosen.flatMap((name) => GPU[name].flags),
]

if (values.help) process.stdout.write(`${USAGE}\n`)
else
  await build().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })

async function build(): Promise<void> {
  const { version } = JSON.parse(
    await readFile(path.join(root, 'node_modules', 'nodejs-whisper', 'package.json'), 'utf8'),
  ) as { version: string }
  const stamp = createHash('sha256')
    .update(JSON.stringify({ version, flags, platform: process.platform, arch: process.arch }))
    .digest('hex')
  const kept = await readFile(stampFile, 'utf8').catch(() => '')
  const anyKind = chosen.length === 0 && !values.cpu
  const isThere = await access(binary).then(
    () => true,
    () => false,
  )
  // Without a requested kind, a server that was built for a GPU earlier is kept.
  if (isThere && !values.force && (kept === stamp || (anyKind && kept !== ''))) return

  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  const progress = showProgress(`whisper-server${chosen.length ? ` (${chosen.join(', ')})` : ''}`)
  await run('cmake', ['-S', source, '-B', target, ...flags], () => undefined)
  const jobs = String(availableParallelism())
  const args = ['--build', target, '--config', 'Release', '--target', 'whisper-server', '--parallel', jobs]
  await run('cmake', args, (line) => {
    const percent = /^\[\s*(\d+)%\]/.exec(line)
    if (percent) progress.percent(Number(percent[1]))
  })
  await access(binary).catch(() => {
    throw new Error(`The build ended without ${binary}: run 'npm run setup:whisper -- --force'.`)
  })
  await writeFile(stampFile, stamp)
  progress.done()
}

function run(command: string, args: readonly string[], onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk: Buffer) => {
      const text = chunk.toString('utf8')
      output = (output + text).slice(-20_000)
      for (const line of text.split('\n')) onLine(line)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (cause) =>
      reject(
        new Error(`Cannot start ${command}: install cmake and a C++ compiler, then run this again.`, {
          cause,
        }),
      ),
    )
    child.on('close', (code) => {
      if (code === 0) return resolve()
      const needs = chosen.map((name) => GPU[name].needs).join(' and ')
      const hint = needs ? ` Is ${needs} installed?` : ' Are cmake, make and a C++ compiler installed?'
      reject(new Error(`${output}\n${command} failed with exit code ${code ?? 1}.${hint}`))
    })
  })
}
