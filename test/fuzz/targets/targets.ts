import type { FuzzTarget } from '../fuzzTarget.ts'
import { callEvents } from './callEvents.ts'
import { frames } from './frames.ts'
import { messages } from './messages.ts'
import { partFiles } from './partFiles.ts'
import { settings } from './settings.ts'

export const targets: readonly FuzzTarget[] = [frames, partFiles, messages, callEvents, settings]
