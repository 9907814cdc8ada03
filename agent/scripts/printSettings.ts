import { z } from 'zod'
import { ENVIRONMENT, settingsSchema } from '../src/main/process/settings.ts'

// Prints the agent's settings as JSON, in the order of their schema: scripts/settings-table.ts makes the documents of it.
const environment: Readonly<Record<string, string>> = ENVIRONMENT
const fields = Object.entries(settingsSchema.shape).map(([name, schema]) => ({
  name,
  variable: environment[name],
  shape: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
}))
process.stdout.write(JSON.stringify({ fields }))
