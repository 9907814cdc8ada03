import type { DeskCall } from '../../ipc/deskSnapshot.ts'

export const isAlive = ({ phase }: Pick<DeskCall, 'phase'>): boolean =>
  phase === 'ringing' || phase === 'talking' || phase === 'held'
