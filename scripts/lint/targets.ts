import { globSync } from 'node:fs'
import path from 'node:path'

/** The repository's root. */
export const root = path.resolve(import.meta.dirname, '../..')

const EXCLUDED = /^(node_modules|build|data|\.cache|\.git|test\/artifacts)(\/|$)|(^|\/)node_modules(\/|$)/

/** Returns every file of the tree but built and installed ones, as paths from the root with `/`. */
export function filesOfTree(): string[] {
  const entries = globSync('**/*', {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => EXCLUDED.test(pathOf(entry)),
  })
  return entries.filter((entry) => entry.isFile()).map(pathOf).sort() // prettier-ignore
}

function pathOf(entry: { readonly parentPath: string; readonly name: string }): string {
  return path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/')
}

/** Returns which paths a check is asked for by its arguments: those in the named folders, without a name all of them. */
export function selectedBy(args: readonly string[]): (file: string) => boolean {
  const folders = args.map((arg) => path.relative(root, path.resolve(arg)).replaceAll('\\', '/'))
  return folders.length === 0 ? () => true : (file) => folders.includes('') || isIn(file, folders)
}

/** Returns whether a path from the repository's root is in one of the folders, or is one of them. */
export function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`))
}
