/** Quieter than this is drawn as nothing: a room without speech. */
const FLOOR_DB = -54

/** How loud, on the scale of the ear. */
export function loudness(level: number): number {
  if (level <= 0) return 0
  return Math.max(0, Math.min(1, 1 - (20 * Math.log10(level)) / FLOOR_DB))
}
