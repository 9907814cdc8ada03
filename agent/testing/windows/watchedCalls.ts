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

/** The real call sources in a Windows node.exe under Wine, and what they tell. */
export interface WatchedCalls {
  /** What was told so far, in order. */
  readonly told: readonly WatchedReport[]
  /** The first thing that fits and was told after `after` others; waits for it. */
  next(fits: (told: WatchedReport) => boolean, after?: number): Promise<WatchedReport>
  /** CPU, wall time and turns of the event loop since the start. */
  cost(): Promise<Extract<WatchedReport, { kind: 'cost' }>>
  /** Ends the sources; resolves with the exit code of node.exe. */
  stop(): Promise<number | null>
}

/** `helperWords`: program and arguments in place of the helper that ships. */
export async function startWatchedCalls(
  logFolder: string,
  helperWords?: readonly string[],
): Promise<WatchedCalls> {
  const told: WatchedReport[] = []
  const waiting = new Set<() => void>()
  const connected = Promise.withResolvers<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      told.push(JSON.parse(line) as WatchedReport)
      for (const look of [...waiting]) look()
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
  // Node cannot write to a Linux pipe under Wine (EBADF), to a file it can.
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
      const look = () => {
        const found = told.slice(after).find(fits)
        if (!found) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return {
    told,
    next,
    async cost() {
      const after = told.length
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

/** The program that stands in for the 3CX client; see program/fake3cx.c for its commands. */
export interface FakeSoftphone {
  /** Resolves when Windows' registry or window has changed. */
  does(command: string): Promise<void>
  /** Ends without letting go of anything. */
  crash(): Promise<void>
}

export async function startFakeSoftphone(): Promise<FakeSoftphone> {
  const child: ChildProcess = startInWine(await build(fake3cx()), [], ['pipe', 'pipe', 'ignore'])
  const answers = createInterface({ input: child.stdout! })
  const answer = (expected: string) =>
    new Promise<void>((resolve) => {
      const look = (line: string) => {
        if (line !== expected) return
        answers.off('line', look)
        resolve()
      }
      answers.on('line', look)
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
