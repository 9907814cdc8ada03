import type * as Koffi from 'koffi'

/** Handle or pointer of Windows as koffi gives it; only handed on, never counted with. */
export type Handle = number | bigint

export type KoffiModule = typeof Koffi

/**
 * Loads koffi, which brings its native part for this machine. Late and only on Windows: elsewhere nobody needs it, and a
 * damaged installation must fail the sources that need it, not the agent.
 */
export async function loadKoffi(): Promise<KoffiModule> {
  try {
    return await import('koffi')
  } catch (cause) {
    throw new Error('The library that calls Windows (koffi) cannot be loaded; install the agent again.', {
      cause,
    })
  }
}
