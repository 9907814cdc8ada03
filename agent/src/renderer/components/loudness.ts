/** A level below this draws an empty meter: it is a room without speech. */
const FLOOR_DB = -54

/** Returns a level (share of full scale) as the ear perceives it, 0 to 1: the scale is logarithmic. */
export function loudness(level: number): number {
  if (level <= 0) return 0
  return Math.max(0, Math.min(1, 1 - (20 * Math.log10(level)) / FLOOR_DB))
}
