import type { CallSource, CallSourceReport } from './callSource.ts'

export interface UserSource extends CallSource {
  /** The technician says that a call has begun, or is over: a button, or a key that works everywhere. */
  begin(): void
  end(): void
  /** One key for both. `isTalking`: whether a call is at hand now. */
  press(isTalking: boolean): void
}

/** Calls that nothing else notices: the technician tells them. */
export function createUserSource(): UserSource {
  let report: CallSourceReport | undefined
  const tell = (tells: 'talking' | 'ended') => report?.fact({ source: 'user', tells })
  return {
    name: 'user',
    state: () => (report ? { at: 'watching', detail: 'button and key' } : { at: 'stopped' }),
    start(to) {
      report = to
      to.changed()
      return () => {
        report = undefined
        return Promise.resolve()
      }
    },
    begin: () => tell('talking'),
    end: () => tell('ended'),
    press: (isTalking) => tell(isTalking ? 'ended' : 'talking'),
  }
}
