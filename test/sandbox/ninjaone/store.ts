import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

export interface LogEntry {
  id: number
  type: 'DESCRIPTION' | 'SAVE' | 'COMMENT'
  body: string
  publicEntry: boolean
  createTime: number
  files: { name: string; text: string }[]
}
export interface StoredTicket {
  id: number
  version: number
  clientId: number
  ticketFormId: number
  subject: string
  status: string
  priority: string | null
  requesterUid: string | null
  tags: string[]
  createTime: number
  log: LogEntry[]
}
export interface Held {
  tickets: StoredTicket[]
  nextTicket: number
  nextEntry: number
  refreshTokens: string[]
  accessTokens: { token: string; kind: 'user' | 'machine'; untilMs: number }[]
  codes: { code: string; redirectUri: string }[]
}

/** Opens the sandbox's data, which is written before every answer: a killed sandbox keeps everything it acknowledged. */
export function openStore(file: string | undefined): { held: Held; save(): void } {
  const fresh: Held = {
    tickets: [],
    nextTicket: 1001,
    nextEntry: 1,
    refreshTokens: [],
    accessTokens: [],
    codes: [],
  }
  const held = file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Held) : fresh // the sandbox wrote this file itself
  return {
    held,
    save() {
      if (!file) return
      writeFileSync(`${file}.new`, JSON.stringify(held))
      renameSync(`${file}.new`, file)
    },
  }
}
