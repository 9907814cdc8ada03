/** Whether one socket is read. Several holders may stop the reading; it goes on once each of them has let go. */
export interface Reading {
  /** Stops reading the socket until the returned function is called; calling that twice is harmless. */
  hold(): () => void
}

/** Creates the reading of one open socket; `changed` is called when it stops and when it goes on. */
export function createReading(
  socket: { pause(): void; resume(): void },
  changed: (isRead: boolean) => void,
): Reading {
  let holders = 0
  return {
    hold() {
      holders += 1
      if (holders === 1) {
        socket.pause()
        changed(false)
      }
      let isHolding = true
      return () => {
        if (!isHolding) return
        isHolding = false
        holders -= 1
        if (holders > 0) return
        socket.resume()
        changed(true)
      }
    },
  }
}
