import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const here = (file: string) => path.resolve(import.meta.dirname, file)
/** Packages of npm stay packages; our own workspaces are TypeScript and go into the file. */
const PACKAGES = /^(?![./\0]|[A-Za-z]:[\\/]|@3cx-ninja\/)/

// The desktop application: main as a module, the sandboxed preload as CommonJS, the window as in the browser page.
export default defineConfig({
  main: {
    build: {
      outDir: here('build/agent/main'),
      externalizeDeps: false,
      lib: { entry: here('agent/src/main/main.ts') },
      rolldownOptions: { external: [PACKAGES] },
    },
  },
  preload: {
    build: {
      outDir: here('build/agent/preload'),
      lib: {
        entry: {
          preload: here('agent/src/preload/preload.ts'),
          soundPreload: here('agent/src/preload/soundPreload.ts'),
        },
        formats: ['cjs'],
      },
      rolldownOptions: { external: ['electron'], output: { entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: here('agent/src/renderer'),
    base: './',
    plugins: [react()],
    build: {
      outDir: here('build/agent/renderer'),
      emptyOutDir: true,
      modulePreload: false,
      assetsInlineLimit: 0, // the content policy allows nothing inline
      minify: true,
      rolldownOptions: { input: here('agent/src/renderer/index.html') },
    },
  },
})
