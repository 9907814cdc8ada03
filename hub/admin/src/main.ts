import { z } from 'zod'

// Before any schema is made: zod would otherwise try `new Function`, which the page's content policy forbids and reports.
z.config({ jitless: true })
const { startPage } = await import('./app.ts')
startPage(window)
