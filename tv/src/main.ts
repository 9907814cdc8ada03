import { z } from 'zod'

// Runs before any schema is created: zod would otherwise try `new Function`, which the page's content policy forbids and reports.
z.config({ jitless: true })
const { startPage } = await import('./app.ts')
startPage(window)
