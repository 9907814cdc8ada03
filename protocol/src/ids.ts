import { z } from 'zod'

/** The creator of a thing makes its id (a ULID in practice); receivers accept any short, path-safe word of 8 to 64 characters. */
const id = <Name extends string>() =>
  z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z_-]{7,63}$/, 'an id is 8 to 64 letters, digits, _ or -')
    .brand<Name>()

/** Identifies one conversation; the hub adds a canonical id where several agents report it. Rule C4. */
export const callId = id<'CallId'>()
/** Identifies all audio of one call on one agent PC, in all its parts. */
export const recordingId = id<'RecordingId'>()
/** Identifies an enrolled agent; its token proves it. */
export const agentId = id<'AgentId'>()
/** Identifies an enrolled transcription worker; its token proves it. */
export const workerId = id<'WorkerId'>()
/** Identifies an enrolled wallboard screen; its token or cookie proves it. */
export const wallboardId = id<'WallboardId'>()
/**
 * What a wallboard gets in place of the id of a call, recording or utterance: the same for the same thing while the hub runs,
 * and of no use in any other message. Rule T6.
 */
export const wallboardKey = id<'WallboardKey'>()
/** Identifies one lease; a renewed lease keeps it, a new one gets another. */
export const leaseId = id<'LeaseId'>()
/** Identifies one utterance from its first partial to its final. Rule U1. */
export const utteranceId = id<'UtteranceId'>()
/** Identifies one draft over its whole life, filed or discarded. */
export const draftId = id<'DraftId'>()

/** An id that the helpdesk makes: opaque text, which only the adapter of that helpdesk reads or sorts. */
export const helpdeskId = z.string().min(1).max(64)

export type CallId = z.infer<typeof callId>
export type RecordingId = z.infer<typeof recordingId>
export type AgentId = z.infer<typeof agentId>
export type WallboardKey = z.infer<typeof wallboardKey>
export type WorkerId = z.infer<typeof workerId>
export type LeaseId = z.infer<typeof leaseId>
export type UtteranceId = z.infer<typeof utteranceId>
export type DraftId = z.infer<typeof draftId>
