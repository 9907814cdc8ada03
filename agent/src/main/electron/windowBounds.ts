import { z } from 'zod'

const whole = z.number().int()
/** The bounds of the window at its last move; a file of its own holds them, because they are not a setting. */
export const savedBounds = z.object({
  version: z.literal(1),
  bounds: z.object({ x: whole, y: whole, width: whole, height: whole }).optional(),
})
/** A rectangle on the screens, in device-independent pixels. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The smallest size to which the window can be drawn. */
export const SMALLEST = { width: 380, height: 480 } as const
const FIRST = { width: 420, height: 720 } as const
const MARGIN = 16
/** Size of the part of the title bar that must be on a screen, so that a user can drag the window. */
const GRIP = { width: 120, height: 32 } as const

/**
 * Returns where the window opens: where it was, if that is still on a screen (a laptop leaves its dock), else at the lower
 * right of the first screen, next to the 3CX client. `screens`: work areas, the main one first.
 */
export function boundsForWindow(saved: Area | undefined, screens: readonly Area[]): Area {
  const main = screens[0] ?? { x: 0, y: 0, ...FIRST }
  if (saved && screens.some((screen) => canGrip(saved, screen)))
    return {
      ...saved,
      width: Math.max(SMALLEST.width, saved.width),
      height: Math.max(SMALLEST.height, saved.height),
    }
  const width = Math.min(FIRST.width, main.width)
  const height = Math.min(FIRST.height, main.height - 2 * MARGIN)
  return {
    width,
    height,
    x: main.x + main.width - width - MARGIN,
    y: main.y + main.height - height - MARGIN,
  }
}

function canGrip(window: Area, screen: Area): boolean {
  const overlap = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x)
  return overlap >= GRIP.width && window.y >= screen.y && window.y + GRIP.height <= screen.y + screen.height
}
