import type * as Koffi from 'koffi'

/** Handle or pointer of Windows as koffi returns it; only passed on, never computed with. */
export type Handle = number | bigint

/** The type of the native bridge, so that callers need no import of koffi. */
export type KoffiModule = typeof Koffi

/**
 * Loads koffi, which brings its native part for this machine. It is loaded late and only on Windows: a damaged installation
 * must fail the sources that need it, not the agent. Rejects with the remedy when it cannot be loaded.
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
