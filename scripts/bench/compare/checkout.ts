import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

const run = promisify(execFile)
const manifest = z.object({ name: z.string(), workspaces: z.array(z.string()).default([]) })
const lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ version: z.string().optional(), link: z.boolean().optional() }),
  ),
})

/** Checks the commit out into the folder as a worktree of the repository. Rejects with git's own words. */
export async function checkOut(root: string, ref: string, folder: string): Promise<void> {
  await run('git', ['worktree', 'add', '--quiet', '--detach', folder, ref], { cwd: root })
}

/** Removes the worktree; the commit stays. */
export async function removeCheckout(root: string, folder: string): Promise<void> {
  await run('git', ['worktree', 'remove', '--force', folder], { cwd: root })
}

/**
 * Shares this tree's builds with the other tree: modules, when both locks name the same, and whisper-server, whose stamp
 * decides whether it fits. The tree's own set-up installs and builds the rest.
 */
export async function lendBuilt(root: string, folder: string): Promise<void> {
  const [lockText, otherLockText] = await Promise.all(
    [root, folder].map((tree) => readFile(path.join(tree, 'package-lock.json'), 'utf8')),
  )
  if (thirdParties(lockText ?? '') === thirdParties(otherLockText ?? '')) {
    await linkModules(root, folder)
    // The stamp equals that of the set-up (scripts/setup/setup.mjs), which then installs nothing.
    const stamp = createHash('sha256').update(otherLockText ?? '').digest('hex') // prettier-ignore
    await writeFile(path.join(folder, 'node_modules', '.setup-stamp'), stamp)
  }
  await cp(path.join(root, 'build', 'whisper'), path.join(folder, 'build', 'whisper'), { recursive: true })
}

/** Returns the third-party packages and their versions as text. */
function thirdParties(lockText: string): string {
  const { packages } = lock.parse(JSON.parse(lockText))
  return Object.entries(packages)
    .filter(([name, { link }]) => name.startsWith('node_modules/') && !link)
    .map(([name, { version }]) => `${name}@${version ?? ''}`)
    .sort()
    .join('\n')
}

/** Links every third-party module, and the other tree's own workspaces. */
async function linkModules(root: string, folder: string): Promise<void> {
  const [from, to] = [path.join(root, 'node_modules'), path.join(folder, 'node_modules')]
  const manifestOf = async (at: string) =>
    manifest.parse(JSON.parse(await readFile(path.join(folder, at, 'package.json'), 'utf8')))
  await mkdir(to)
  const scopes = new Set<string>()
  for (const workspace of (await manifestOf('.')).workspaces) {
    const { name } = await manifestOf(workspace)
    const link = path.join(to, name)
    await mkdir(path.dirname(link), { recursive: true })
    await symlink(path.join(folder, workspace), link)
    scopes.add(name.split('/')[0] ?? name)
  }
  for (const entry of await readdir(from))
    if (!scopes.has(entry) && !entry.startsWith('.'))
      await symlink(path.join(from, entry), path.join(to, entry))
  await symlink(path.join(from, '.bin'), path.join(to, '.bin'))
}
