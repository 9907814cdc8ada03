/**
 * What every certificate of the hub is served with. Of TLS 1.2 only the suites with forward secrecy and an authenticated cipher:
 * those with CBC, which Node offers by default, leak by their padding. All clients of this project speak TLS 1.3; a PBX or a
 * proxy may still be on 1.2, and each of the last ten years knows these.
 */
export const TLS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
  honorCipherOrder: true,
} as const
