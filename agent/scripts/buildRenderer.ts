import { copyFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import react from '@vitejs/plugin-react'
import { build } from 'vite'

const root = path.resolve(import.meta.dirname, '../src/renderer')

/** Writes the technician's window as static files into `folder`, whose old content is deleted. Rejects with vite's error. */
export async function buildRenderer(folder: string, logLevel: 'info' | 'warn' = 'info'): Promise<void> {
  await build({
    configFile: false,
    root,
    base: './', // relative addresses work under http:// and app:// alike
    logLevel,
    plugins: [react()],
    build: {
      outDir: path.resolve(folder),
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: false,
      assetsInlineLimit: 0, // the content policy allows nothing inline
      reportCompressedSize: false,
    },
  })
  const license = createRequire(import.meta.url).resolve('@fontsource-variable/inter/LICENSE')
  await copyFile(license, path.join(folder, 'assets', 'inter-LICENSE.txt'))
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: path.resolve(import.meta.dirname, '../../build/agent-renderer') },
    },
  })
  await buildRenderer(values.out)
}
