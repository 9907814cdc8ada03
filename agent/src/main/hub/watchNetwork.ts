import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** A cable pulled, another Wi-Fi, a VPN: noticed well before the link's silence of 15 s would tell. */
const POLL_MS = 3 * SECOND_MS

type Interfaces = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>

export interface NetworkWatchNeeds {
  readonly clock: Clock
  /** Such as `os.networkInterfaces`; no system tells Node of a change. */
  readonly interfaces: () => Interfaces
  readonly onChange: () => void
}

/** Tells when this PC has other addresses than before. */
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
