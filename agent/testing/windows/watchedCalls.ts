import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { CallFact } from '../../src/main/call/callState.ts'
import type { CallSourceState } from '../../src/main/detection/callSource.ts'
import { build, fake3cx, helper } from '../../../scripts/native/loopback.ts'
import { bundleForWindows, startInWine, windowsNode } from './wine.ts'

export type WatchedReport =
  | { readonly kind: 'fact'; readonly from: string; readonly fact: CallFact }
  | { readonly kind: 'state'; readonly from: string; readonly state: CallSourceState }
  | { readonly kind: 'failed'; readonly from: string; readonly cause: string }
  | { readonly kind: 'cost'; readonly cpuMs: number; readonly wallClockMs: number; readonly ticks: number }
  | { readonly kind: 'stopped' }

/** The real call sources in a Windows node.exe under Wine, with their reports. */
export interface WatchedCalls {
  /** All reports so far, in order. */
  readonly reports: readonly WatchedReport[]
  /** Resolves with the first report that fits and came after `after` others. */
  next(fits: (reports: WatchedReport) => boolean, after?: number): Promise<WatchedReport>
  /** Resolves with CPU, wall time and turns of the event loop since the start. */
  cost(): Promise<Extract<WatchedReport, { kind: 'cost' }>>
  /** Ends the sources; resolves with the exit code of node.exe. */
  stop(): Promise<number | null>
}

/** Starts the call sources; `helperWords` are program and arguments in place of the helper that ships. */
export async function startWatchedCalls(
  logFolder: string,
  helperWords?: readonly string[],
): Promise<WatchedCalls> {
  const reports: WatchedReport[] = []
  const waiting = new Set<() => void>()
  const connected = Promise.withResolvers<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      reports.push(JSON.parse(line) as WatchedReport)
      for (const check of [...waiting]) check()
    })
    connected.resolve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  const [node, program, words] = [
    await windowsNode(),
    await bundleForWindows(path.join(import.meta.dirname, 'program/watchCalls.ts')),
    helperWords ?? [`Z:${await build(await helper())}`],
  ]
  // Under Wine, Node cannot write to a Linux pipe (EBADF), but can write to a file.
  const log = openSync(path.join(logFolder, 'watchCalls.log'), 'w')
  const child = startInWine(node, [`Z:${program}`, String(address.port), ...words], ['ignore', log, log])
  closeSync(log)
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const socket = await Promise.race([
    connected.promise,
    exited.then((code) => {
      throw new Error(
        `node.exe ended with ${String(code)} before it connected; see ${logFolder}/watchCalls.log`,
      )
    }),
  ])

  const next = (fits: (one: WatchedReport) => boolean, after = 0) =>
    new Promise<WatchedReport>((resolve) => {
      const check = () => {
        const found = reports.slice(after).find(fits)
        if (!found) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
    })
  return {
    reports,
    next,
    async cost() {
      const after = reports.length
      socket.write('cost\n')
      return (await next(({ kind }) => kind === 'cost', after)) as Extract<WatchedReport, { kind: 'cost' }>
    },
    async stop() {
      socket.end()
      const code = await exited
      await new Promise((resolve) => server.close(resolve))
      return code
    },
  }
}

/** The program in place of the 3CX client; program/fake3cx.c lists its commands. */
export interface FakeSoftphone {
  /** Resolves when Windows' registry or window has changed. */
  does(command: string): Promise<void>
  /** Ends the program without any release, as a crash does. */
  crash(): Promise<void>
}

export async function startFakeSoftphone(): Promise<FakeSoftphone> {
  const child: ChildProcess = startInWine(await build(fake3cx()), [], ['pipe', 'pipe', 'ignore'])
  const answers = createInterface({ input: child.stdout! })
  const answer = (expected: string) =>
    new Promise<void>((resolve) => {
      const check = (line: string) => {
        if (line !== expected) return
        answers.off('line', check)
        resolve()
      }
      answers.on('line', check)
    })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  await answer('ready')
  return {
    async does(command) {
      const done = answer(command)
      child.stdin?.write(`${command}\n`)
      await done
    },
    async crash() {
      child.stdin?.end('quit\n')
      await exited
    },
  }
}
