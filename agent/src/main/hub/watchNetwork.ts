import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** A pulled cable, another Wi-Fi or a VPN is noticed well before the link's 15 s of silence. */
const POLL_MS = 3 * SECOND_MS

type Interfaces = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>

/** The clock and the network interfaces that are polled. */
export interface NetworkWatchNeeds {
  readonly clock: Clock
  /** Returns the interfaces, such as `os.networkInterfaces`; no system reports a change to Node. */
  readonly interfaces: () => Interfaces
  readonly onChange: () => void
}

/** Calls `onChange` when this PC has other addresses than at the last poll, every 3 s, until `stop`. */
export function watchNetwork({ clock, interfaces, onChange }: NetworkWatchNeeds): { stop(): void } {
  const addresses = () =>
    Object.values(interfaces())
      .flatMap((each) => each?.map(({ address }) => address) ?? [])
      .sort()
      .join()
  let previous = addresses()
  let cancel: () => void = () => undefined
  const poll = () => {
    const now = addresses()
    if (now !== previous) onChange()
    previous = now
    cancel = clock.after(POLL_MS, poll)
  }
  cancel = clock.after(POLL_MS, poll)
  return { stop: () => cancel() }
}
