import { z } from 'zod'
import { ENVIRONMENT, WITHOUT_EFFECT } from '../src/settings/environment.ts'
import { settingFields } from '../src/settings/fields.ts'
import { SECRET_SETTINGS } from '../src/settings/schema.ts'

// Prints the hub's settings as JSON, in the order of their schema: scripts/settings-table.ts makes the documents of them.
const fields = settingFields().map(({ key, schema, description }) => ({
  name: key,
  description,
  variables: ENVIRONMENT[key] ?? [],
  secret: SECRET_SETTINGS.includes(key),
  shape: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
}))
process.stdout.write(JSON.stringify({ fields, withoutEffect: WITHOUT_EFFECT }))
