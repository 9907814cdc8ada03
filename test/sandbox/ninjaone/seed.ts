// The initial data of the sandbox NinjaOne: invented people and companies.
export interface Person {
  readonly id: number
  readonly uid: string
  readonly clientId: number
  readonly clientName: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly phone: string | null
}
export const ORGANIZATIONS = [
  { id: 1, name: 'Appelants inconnus' },
  { id: 41, name: 'Menuiserie Lambert' },
  { id: 42, name: 'Cabinet Moreau' },
  { id: 43, name: 'Pharmacie du Port' },
].map((one) => ({ ...one, description: '', userData: null, nodeApprovalMode: 'AUTOMATIC' }))

const people: readonly [string, string, number, string | null][] = [
  ['Thomas', 'Girard', 41, '02 40 11 22 33'],
  ['Sophie', 'Lambert', 41, '+33 (0)2 40 11 22 30'],
  ['Julie', 'Moreau', 42, '0033241556677'],
  ['Paul', 'Moreau', 42, '02.41.55.66.77'],
  ['Nadia', 'Benali', 43, 'mobile: 06-12-34-56-78'],
  ['Hugo', 'Petit', 43, null],
]
export const PEOPLE: readonly Person[] = people.map(([firstName, lastName, clientId, phone], index) => ({
  id: 100 + index,
  uid: `00000000-0000-4000-8000-0000000001${String(index).padStart(2, '0')}`,
  clientId,
  clientName: ORGANIZATIONS.find(({ id }) => id === clientId)?.name ?? '',
  firstName,
  lastName,
  email: `${firstName}.${lastName}@example.test`.toLowerCase(),
  phone,
}))
export const STATUSES = [
  { name: 'NEW', displayName: 'New', parentId: null, statusId: 1000 },
  { name: 'OPEN', displayName: 'Open', parentId: null, statusId: 2000 },
  { name: 'WAITING', displayName: 'Waiting', parentId: null, statusId: 3000 },
  { name: 'PAUSED', displayName: 'Paused', parentId: null, statusId: 4000 },
  { name: 'RESOLVED', displayName: 'Resolved', parentId: null, statusId: 5000 },
  { name: 'CLOSED', displayName: 'Closed', parentId: null, statusId: 6000 },
]
export const BOARDS = [
  {
    id: 1,
    uid: '00000000-0000-4000-8000-000000000001',
    name: 'My tickets',
    description: '',
    system: true,
    ticketCount: 0,
  },
  {
    id: 2,
    uid: '00000000-0000-4000-8000-000000000002',
    name: 'All tickets',
    description: '',
    system: true,
    ticketCount: 0,
  },
]
