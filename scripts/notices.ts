import { existsSync } from 'node:fs'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'

// Writes THIRD-PARTY-NOTICES.txt: each library that ships, with its license, and the whole text of the licenses that demand
// more than their name. `--check` fails where the file is not current, or where a library's license was never judged.
// Run: npm run notices

const ROOT = path.resolve(import.meta.dirname, '..')
const PAGE = path.join(ROOT, 'THIRD-PARTY-NOTICES.txt')
/** Licenses that ask for their name and text beside the library: npm's folder of it has them. */
const PERMISSIVE = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'OFL-1.1', '(MIT OR CC0-1.0)'] // prettier-ignore
/** Licenses whose text stands in the file, and why the library may ship with a program under MIT. */
const COPYLEFT: Readonly<Record<string, string>> = {
  'LGPL-3.0-or-later':
    'Used unchanged, as a module of its own: it is loaded from its folder in node_modules and not built into our files, so that whoever receives the program can put another version in its place.',
  'MPL-2.0':
    'Used unchanged, by the tools that build the pages; its source is at the address of the package.',
}

/** The LGPL is a supplement to the GPL, whose text must come with it. */
const ALSO: Readonly<Record<string, string>> = { 'LGPL-3.0-or-later': 'resources/licenses/GPL-3.0.txt' }

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
})

interface Library {
  readonly name: string
  readonly folder: string
  readonly version: string
  readonly license: string
}

async function shippedLibraries(): Promise<readonly Library[]> {
  const { packages } = lock.parse(JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8')))
  const found = Object.entries(packages).flatMap(([folder, { version, license, dev, devOptional, link }]) =>
    folder.startsWith('node_modules/') && !dev && !devOptional && !link && version
      ? [{ name: folder.slice(folder.lastIndexOf('node_modules/') + 13), folder, version, license: license ?? 'unknown' }]
      : [],
  ) // prettier-ignore
  const unique = new Map(found.map((one) => [`${one.name} ${one.version}`, one]))
  return [...unique.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1))
}

/** Returns the license text of one of these libraries that is installed; undefined: none is, such as for another system. */
async function textOf(libraries: readonly Library[]): Promise<string | undefined> {
  for (const { folder } of libraries) {
    const installed = path.join(ROOT, folder)
    if (!existsSync(installed)) continue
    const file = (await readdir(installed)).find((name) => /^licen[cs]e/i.test(name))
    if (file) return (await readFile(path.join(installed, file), 'utf8')).replaceAll('\r\n', '\n').trim()
  }
  return undefined
}

async function notices(libraries: readonly Library[]): Promise<string> {
  const parts = [
    '3CX-Ninja Realtime is under the MIT license (LICENSE). It ships with these libraries, each under its own license, whose',
    'text lies in the folder of the library. This file is written by `npm run notices`.',
    '',
    ...libraries.map(({ name, version, license }) => `${name} ${version}: ${license}`),
  ]
  for (const [license, why] of Object.entries(COPYLEFT)) {
    const under = libraries.filter((one) => one.license === license)
    const text = await textOf(under)
    if (under.length === 0) continue
    parts.push('', '='.repeat(80), `${license}: ${under.map(({ name }) => name).join(', ')}`, why)
    parts.push(...under.map(({ name, version }) => `https://www.npmjs.com/package/${name}/v/${version}`), '')
    if (text === undefined) throw new Error(`No package under ${license} is installed: run npm run setup.`)
    parts.push(text)
    const more = ALSO[license]
    if (more) parts.push('', (await readFile(path.join(ROOT, more), 'utf8')).trim())
  }
  return `${parts.join('\n')}\n`
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const libraries = await shippedLibraries()
const unjudged = libraries.filter(({ license }) => !PERMISSIVE.includes(license) && !(license in COPYLEFT))
for (const { name, license } of unjudged)
  console.error(`${name}: license ${license} was never judged. Replace it, or add its license to scripts/notices.ts.`) // prettier-ignore
const page = await notices(libraries)
const isCurrent = existsSync(PAGE) && (await readFile(PAGE, 'utf8')) === page
if (values.check && !isCurrent) console.error('THIRD-PARTY-NOTICES.txt is not current: run npm run notices.')
if (!values.check) await writeFile(PAGE, page)
if (unjudged.length > 0 || (values.check && !isCurrent)) process.exitCode = 1
