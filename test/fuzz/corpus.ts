import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const corpusFile = z.object({ about: z.string(), inputs: z.array(z.base64()) })
const fileOf = (name: string) => path.join(import.meta.dirname, 'corpus', `${name}.json`)

/** Resolves with the inputs of a target that earlier runs kept, since each reached a block that none before it had. */
export async function readCorpus(name: string): Promise<readonly Uint8Array[]> {
  const { inputs } = corpusFile.parse(JSON.parse(await readFile(fileOf(name), 'utf8')))
  return inputs.map((input) => Uint8Array.from(Buffer.from(input, 'base64')))
}

/** Writes the inputs of a target, for `FUZZ_KEEP=1`; a person commits the file. */
export async function writeCorpus(name: string, inputs: readonly Uint8Array[]): Promise<void> {
  const content = {
    about: `Inputs of the target '${name}', base64. FUZZ_KEEP=1 npm run test:long -- parsers writes them.`,
    inputs: inputs.map((input) => Buffer.from(input).toString('base64')),
  }
  await writeFile(fileOf(name), `${JSON.stringify(content, null, 2)}\n`)
}
