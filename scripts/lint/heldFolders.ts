/**
 * Folders and files, from the repository's root, in which the house rules (words, lengths, contract
 * comments) are errors of `npm run check` already. Add a folder once `npm run lint:house -- <folder>`
 * and `npm run contracts -- <folder>` find nothing in it. Read by eslint.config.js, contracts and names.
 */
export const HELD_FOLDERS: readonly string[] = [
  'scripts/lint',
  'scripts/contracts',
  'scripts/rules',
  'scripts/test',
  'worker',
  'recording-log',
  'hub',
  'agent',
]

/** Returns whether a path from the repository's root lies in one of the folders, or is one of them. */
export function isHeld(path: string, folders: readonly string[] = HELD_FOLDERS): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`))
}
