import { expect, it } from 'vitest'
import { peerOf } from '../../src/server/peer.ts'

it('reads the peer’s address from the socket where no proxy is set', () => {
  expect(peerOf('::ffff:10.0.0.7', '1.2.3.4', undefined)).toEqual({
    address: '10.0.0.7',
    bypassesProxy: false,
  })
})

it('reads the peer’s address from the last entry, which the proxy added, not from entries of the peer', () => {
  expect(peerOf('::ffff:10.0.0.2', 'forged, 10.0.0.9', '10.0.0.2')).toEqual({
    address: '10.0.0.9',
    bypassesProxy: false,
  })
  expect(peerOf('10.0.0.2', null, '10.0.0.2').address).toBe('10.0.0.2')
})

it('recognizes a peer that bypasses the proxy', () => {
  expect(peerOf('10.0.0.9', '10.0.0.8', '10.0.0.2')).toEqual({ address: '10.0.0.9', bypassesProxy: true })
  expect(peerOf('127.0.0.1', null, '10.0.0.2').bypassesProxy).toBe(false)
})
