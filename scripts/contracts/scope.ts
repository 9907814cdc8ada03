// The edges and ports whose exported symbols need a contract comment.

const PRODUCT = [
  'protocol',
  'phone-numbers',
  'recording-log',
  'node-link',
  'node-kit',
  'hub',
  'worker',
  'agent',
  'tv',
]
const EDGES = [
  ...['http', 'sockets', 'database', 'helpdesk', 'ninjaone', 'threecx', 'server', 'tls'].map((edge) => `hub/src/${edge}/`), // prettier-ignore
  'agent/src/ipc/',
  ...['electron', 'hub', 'capture', 'detection'].map((edge) => `agent/src/main/${edge}/`),
  ...['engines', 'attach'].map((edge) => `worker/src/${edge}/`),
  'protocol/src/',
]

/** Returns whether the contract comments of a file (a path from the root) are counted. */
export function needsContracts(file: string): boolean {
  const [part = ''] = file.split('/')
  if (!PRODUCT.includes(part) || !/\.tsx?$/.test(file) || /\/(test|testing|generated)\/|\.d\.ts$/.test(file))
    return false
  return isPortFile(file) || EDGES.some((edge) => file.startsWith(edge))
}

/** Returns whether a file states ports: there the functions of each exported interface are counted as well. */
export function isPortFile(file: string): boolean {
  return /(^|\/)(ports|\w+Port)\.ts$/.test(file)
}
