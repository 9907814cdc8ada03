import { z } from 'zod'
import { settingsSchema } from '../src/settings.ts'

// Prints the worker's settings as JSON, in the order of their schema: scripts/settings-table.ts makes the documents of it.
const fields = Object.entries(settingsSchema.shape).map(([name, schema]) => ({
  name,
  description: schema.description ?? '',
  shape: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
}))
process.stdout.write(JSON.stringify({ fields }))
