import path from 'node:path'
import { build } from 'vite'

/** Writes the admin page as static files into `folder` and empties the folder first. Rejects with the builder's own error. */
export async function buildAdmin(folder: string, logLevel: 'info' | 'warn' = 'info'): Promise<void> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    base: '/admin/', // the page answers at /admin itself, so its files need their whole path
    logLevel,
    build: {
      outDir: path.resolve(folder),
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: false,
      assetsInlineLimit: 0, // the hub's content policy allows nothing inline
      reportCompressedSize: false,
    },
  })
}
