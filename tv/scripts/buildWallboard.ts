import { copyFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'vite'

const root = path.resolve(import.meta.dirname, '..')

/** Writes the wallboard as static files into `folder` and empties the folder first. Rejects with the builder's own error. */
export async function buildWallboard(folder: string, logLevel: 'info' | 'warn' = 'info'): Promise<void> {
  await build({
    configFile: false,
    root,
    base: './', // relative paths: the page does not depend on /tv/
    logLevel,
    build: {
      outDir: path.resolve(folder),
      emptyOutDir: true,
      target: 'es2022', // televisions and kiosk browsers are a few years behind
      modulePreload: false,
      assetsInlineLimit: 0, // the hub's content policy allows nothing inline
      reportCompressedSize: false,
    },
  })
  const license = createRequire(import.meta.url).resolve('@fontsource-variable/inter/LICENSE')
  await copyFile(license, path.join(folder, 'assets', 'inter-LICENSE.txt'))
}
