/** Returns the progress display of a long step: one changing line on a terminal, an occasional line elsewhere. */
export function showProgress(what: string) {
  const startedMs = Date.now()
  const terminal = process.stdout.isTTY
  let printed = -1
  const seconds = () => Math.round((Date.now() - startedMs) / 1000)
  const bar = (percent: number) => '█'.repeat(Math.round(percent / 5)).padEnd(20, '░')
  return {
    /** Shows a percentage from 0 to 100. */
    percent(percent: number, detail = '') {
      const text = `${what} ${bar(percent)} ${Math.floor(percent)} %${detail ? ` ${detail}` : ''}, ${seconds()} s`
      if (terminal) process.stdout.write(`\r· ${text}   `)
      else if (Math.floor(percent / 20) > printed) {
        printed = Math.floor(percent / 20)
        process.stdout.write(`· ${text}\n`)
      }
    },
    done() {
      process.stdout.write(`${terminal ? '\r' : ''}✓ ${what} (${seconds()} s)${' '.repeat(40)}\n`)
    },
  }
}
