import { expect, it } from 'vitest'
import { networkOf, peerOf } from '../../src/server/peer.ts'

it('reads the peer’s address from the socket where no proxy is set', () => {
  expect(peerOf('::ffff:10.0.0.7', '1.2.3.4', undefined)).toEqual({
    address: '10.0.0.7',
    bypassesProxy: false,
    isProxied: false,
  })
})

it('reads the peer’s address from the last entry, which the proxy added, not from entries of the peer', () => {
  expect(peerOf('::ffff:10.0.0.2', 'forged, 10.0.0.9', '10.0.0.2')).toEqual({
    address: '10.0.0.9',
    bypassesProxy: false,
    isProxied: true,
  })
})

it('recognizes a peer that bypasses the proxy', () => {
  expect(peerOf('10.0.0.9', '10.0.0.8', '10.0.0.2')).toEqual({
    address: '10.0.0.9',
    bypassesProxy: true,
    isProxied: false,
  })
  expect(peerOf('127.0.0.1', null, '10.0.0.2').bypassesProxy).toBe(false)
})

it('counts an IPv4 address by itself, and all addresses of one IPv6 customer together', () => {
  expect(networkOf('::ffff:10.0.0.7')).toBe(networkOf('10.0.0.7'))
  expect(networkOf('10.0.0.7')).not.toBe(networkOf('10.0.0.8'))
  const customer = networkOf('2001:db8:1:2::1')
  for (const same of ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:0DB8:0001:0002::a%eth0', '2001:db8:1:2:3::'])
    expect(networkOf(same)).toBe(customer)
  expect(networkOf('2001:db8:1:3::1')).not.toBe(customer)
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
})
