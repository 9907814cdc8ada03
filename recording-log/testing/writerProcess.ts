import { fork } from 'node:child_process'

/** A process of its own that writes recordings, and can be killed. */
export interface WriterProcess<Order> {
  send(order: Order): void
  kill(): void
  /** Resolves once the process is gone and all its messages have been received. */
  readonly ended: Promise<{ readonly how: string; readonly errors: string }>
}

/** Runs `file` as a child of this process; messages go by IPC with byte arrays whole. */
export function startWriterProcess<Order, News>(
  file: string,
  args: readonly string[],
  onNews: (news: News) => void,
): WriterProcess<Order> {
  const child = fork(file, args, {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  child.on('message', (news) => onNews(news as News)) // Both ends belong to this test.
  const disconnected = new Promise<void>((resolve) => child.once('disconnect', resolve))
  const ended = new Promise<{ how: string; errors: string }>((resolve) =>
    child.once(
      'close',
      (code, signal) =>
        void disconnected.then(() => resolve({ how: signal ?? `exit ${code ?? '?'}`, errors })),
    ),
  )
  return {
    send(order) {
      if (child.connected) child.send(order as object, () => undefined) // A child that died meanwhile receives nothing.
    },
    kill: () => void child.kill('SIGKILL'),
    ended,
  }
}
