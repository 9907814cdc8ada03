import path from 'node:path'
import { build } from 'vite'

// Builds Electron's hidden page, which captures the microphone, into build/agent/sound/.
await build({
  configFile: false,
  root: path.resolve(import.meta.dirname, '../src/renderer-audio'),
  base: './',
  logLevel: 'warn',
  build: {
    outDir: path.resolve(import.meta.dirname, '../../build/agent/sound'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
