import { z } from 'zod'

// Requests as in the vendor's OpenAPI document. The schemas are strict: an unknown field is an error, so that an invented
// field cannot hide (the real service's behavior with unknown fields is not known).
export const createTicket = z.strictObject({
  clientId: z.int(),
  ticketFormId: z.int(),
  locationId: z.int().nullish(),
  nodeId: z.int().nullish(),
  subject: z.string().min(1).max(200),
  description: z
    .strictObject({
      public: z.boolean(),
      body: z.string().nullish(),
      htmlBody: z.string().nullish(),
      timeTracked: z.int().optional(),
      duplicateInIncidents: z.boolean().optional(),
    })
    .optional(),
  status: z.string().regex(/^\d+$/),
  type: z
    .enum([
      'PROBLEM',
      'QUESTION',
      'INCIDENT',
      'TASK',
      'CHANGE_REQUEST',
      'SERVICE_REQUEST',
      'PROJECT',
      'APPOINTMENT',
      'MISCELLANEOUS',
    ])
    .nullish(),
  cc: z.strictObject({ uids: z.array(z.uuid()), emails: z.array(z.string()) }).nullish(),
  assignedAppUserId: z.int().nullish(),
  additionalAssignedTechnicianIds: z.array(z.int()).nullish(),
  requesterUid: z.uuid().optional(),
  severity: z.enum(['NONE', 'MINOR', 'MODERATE', 'MAJOR', 'CRITICAL']).nullish(),
  priority: z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH']).nullish(),
  parentTicketId: z.int().nullish(),
  tags: z.array(z.string()).nullish(),
  attributes: z
    .array(z.strictObject({ id: z.int().optional(), attributeId: z.int(), value: z.string() }))
    .nullish(),
  followupTime: z.number().nullish(),
})
export const comment = z.strictObject({
  public: z.boolean(),
  body: z.string().nullish(),
  htmlBody: z.string().nullish(),
  timeTracked: z.int().optional(),
  duplicateInIncidents: z.boolean().optional(),
})
export const boardRun = z.strictObject({
  pageSize: z.int().min(1).max(1_000).optional(),
  lastCursorId: z.int().optional(),
  sortBy: z.array(z.strictObject({ field: z.string(), direction: z.enum(['ASC', 'DESC']) })).optional(),
  filters: z.array(z.unknown()).max(0, 'unknown filter field').optional(),
  searchCriteria: z.string().max(512).optional(),
  includeColumns: z.array(z.string()).optional(),
})

export const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int(),
    body: z.unknown().optional(),
    retryAfter: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('html'), status: z.int().default(200) }),
  /** The request is stored, then the connection is cut. */
  z.strictObject({ kind: z.literal('stored-then-cut') }),
  /** The connection is cut at once; the ticket appears after `delayMs`. */
  z.strictObject({ kind: z.literal('cut-then-stored'), delayMs: z.int().default(20_000) }),
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int() }),
])
export type Fault = z.infer<typeof fault>
export const faultOrder = z.strictObject({
  /** The requests that the fault hits: 'POST /v2/ticketing/ticket', with * at the end for any tail. */
  on: z.string(),
  times: z.int().min(1).default(1),
  fault,
})
