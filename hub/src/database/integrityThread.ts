import { parentPort, workerData } from 'node:worker_threads'
import SQLite from 'better-sqlite3'
import { complaintsOf } from './complaints.ts'
import type { Integrity } from './integrity.ts'

const { file } = workerData as { file: string } // our own checkIntegrity passes it
const sqlite = new SQLite(file, { readonly: true, fileMustExist: true })
const detail = complaintsOf(sqlite, 'integrity_check')
sqlite.close()
parentPort?.postMessage((detail === undefined ? { ok: true } : { ok: false, detail }) satisfies Integrity)
