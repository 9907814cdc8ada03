import { z } from 'zod'

/** Ids are made by whoever creates the thing (ULIDs in practice). Receivers accept any short, path-safe word. */
const id = <Name extends string>() =>
  z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z_-]{7,63}$/, 'an id is 8 to 64 letters, digits, _ or -')
    .brand<Name>()

export const callId = id<'CallId'>()
export const recordingId = id<'RecordingId'>()
export const agentId = id<'AgentId'>()
export const workerId = id<'WorkerId'>()
export const wallboardId = id<'WallboardId'>()
export const leaseId = id<'LeaseId'>()
export const utteranceId = id<'UtteranceId'>()
export const draftId = id<'DraftId'>()

export type CallId = z.infer<typeof callId>
export type RecordingId = z.infer<typeof recordingId>
export type AgentId = z.infer<typeof agentId>
export type WorkerId = z.infer<typeof workerId>
export type LeaseId = z.infer<typeof leaseId>
export type UtteranceId = z.infer<typeof utteranceId>
export type DraftId = z.infer<typeof draftId>
