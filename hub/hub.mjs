// The hub's program, in plain JavaScript so that nothing is compiled before the cache of compiled modules is open: the
// first TypeScript module without it loads Node's TypeScript parser, 16 MB that stay (measured: 177 MB idle against 161).
// Run it with --max-semi-space-size=16: with 1,000 agents Node would keep 128 MB for young objects, where 32 do as well.
import { enableCompileCache } from 'node:module'
import path from 'node:path'

// Compiled modules are kept beside the code (checked against it by content): a start takes a third less time.
// Where that folder cannot be written the hub starts as before. The database thread takes it from the environment.
const compiled = path.resolve(import.meta.dirname, '../build/compiled')
if (enableCompileCache(compiled).directory !== undefined) process.env.NODE_COMPILE_CACHE ??= compiled
await import('./src/main.ts')
