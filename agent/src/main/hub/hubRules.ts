import { agentSettings } from '@3cx-ninja/protocol'
import { z } from 'zod'

/** The hub's last settings, stored on disk and obeyed while the hub is away. Rule S1. */
export const hubRules = z.object({ version: z.literal(1), settings: agentSettings.optional() })
export type HubRules = z.infer<typeof hubRules>
