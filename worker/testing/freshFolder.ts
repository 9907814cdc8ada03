import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** An empty folder that is removed at the end of the test. */
export async function freshFolder(): Promise<
  AsyncDisposable & { readonly folder: string; file(name: string): string }
> {
  const folder = await mkdtemp(path.join(tmpdir(), 'worker-'))
  return {
    folder,
    file: (name) => path.join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
