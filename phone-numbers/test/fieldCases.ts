/** Numbers as sites gave them: what stands here was seen on a real PBX, in a real contact list or in a real settings file. */
export const belgianOptOut = {
  country: 'BE',
  listed: '02 512 34 56',
  callers: ['+3225123456', '025123456', '003225123456', '02/512.34.56'],
} as const

/** Within France overseas numbers are dialed like any other; in international writing they have a calling code of their own. */
export const overseasContacts = [
  ['+262 692 11 22 33', '0692112233'],
  ['0692 11 22 34', '+262692112234'],
  ['+596 596 12 34 56', '0596123456'],
] as const

export const slashContacts = [
  ['BE', '02/512.34.56', '+3225123456'],
  ['BE', '0475/12.34.56', '0475123456'],
  ['CH', '021/821’51’08', '+41218215108'],
  ['CH', '021/8215109', '0218215109'],
  ['FR', '02_40_11_22_99', '0240112299'],
  ['BE', '02 512 34 56 / 0475 12 34 56', '+32475123456'],
] as const

export const unknownCountries = ['UK', 'EN', 'XX'] as const
