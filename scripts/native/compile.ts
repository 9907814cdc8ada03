import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Flags of our C sources: C11, and every warning is an error. */
const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror']

export interface Program {
  readonly compiler: string
  /** Path of the program. */
  readonly out: string
  readonly sources: readonly string[]
  readonly linkerFlags: readonly string[]
}

/** Resolves with whether this machine has the compiler. */
export async function hasCompiler(compiler: string): Promise<boolean> {
  return run(compiler, ['--version']).then(
    () => true,
    () => false,
  )
}

/**
 * Compiles one small program, unless the existing one was built from the same files by the same compiler. Safe in parallel
 * with another build of the same program. Rejects with the compiler's own output.
 */
export async function compile({ compiler, out, sources, linkerFlags }: Program): Promise<'built' | 'kept'> {
  const version = await run(compiler, ['--version'])
  const hash = createHash('sha256').update(JSON.stringify([version.stdout, FLAGS, linkerFlags]))
  for (const folder of new Set(sources.map((source) => path.dirname(source))))
    for (const file of (await readdir(folder)).filter((name) => /\.[ch]$/.test(name)).sort())
      hash.update(file).update(await readFile(path.join(folder, file)))
  const stamp = hash.digest('hex')
  const stampFile = `${out}.stamp`
  const kept = await readFile(stampFile, 'utf8').catch(() => '')
  const isThere = await access(out).then(
    () => true,
    () => false,
  )
  if (isThere && kept === stamp) return 'kept'
  await mkdir(path.dirname(out), { recursive: true })
  const draft = `${out}.${process.pid}.${process.hrtime.bigint()}`
  try {
    await run(compiler, [...FLAGS, '-o', draft, ...sources, ...linkerFlags])
    await rename(draft, out)
  } finally {
    await rm(draft, { force: true })
  }
  await writeFile(stampFile, stamp)
  return 'built'
}
