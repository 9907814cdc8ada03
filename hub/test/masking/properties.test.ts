import { expect, it } from 'vitest'
import { ibanLength, modulo97, passesLuhn } from '../../src/masking/checkDigits.ts'
import { MASK, maskConversation, maskSecrets } from '../../src/masking/maskSecrets.ts'
import { conversationOf, corpusOf } from '../../testing/maskCorpus.ts'
import { choicesOf, spellNumber, SPELLINGS, writeDigits, type Choices } from '../../testing/spokenDigits.ts'

const FIRST_SEED = 20_261_201
const SEEDS = Array.from({ length: 400 }, (_, index) => FIRST_SEED + index)
const forEachSeed = (check: (choices: Choices, seed: number) => void) => {
  for (const seed of SEEDS) check(choicesOf(seed), seed)
}

function aCard(choices: Choices): string {
  const [start, length] = choices.pick([
    ['4', 16],
    ['51', 16],
    ['2221', 16],
    ['37', 15],
    ['6703', 16],
    ['5018', 16],
    ['3530', 16],
    ['6011', 16],
    ['36', 14],
    ['4', 19],
  ] as const)
  const body = start + choices.digits(length - start.length - 1)
  const check = Array.from('0123456789').find((digit) => passesLuhn(body + digit)) ?? ''
  return body + check
}

function anIban(choices: Choices): { readonly country: string; readonly rest: string } {
  const country = choices.pick(['FR', 'BE', 'CH', 'LU', 'DE', 'ES', 'MC', 'PT', 'AT', 'FI'])
  const account = choices.digits((ibanLength(country) ?? 0) - 4)
  const check = String(98 - modulo97(`${account}${country}00`)).padStart(2, '0')
  return { country, rest: check + account }
}

it('[A1] masks a card of any issuer however it is written', () => {
  forEachSeed((choices, seed) => {
    const card = aCard(choices)
    const written = writeDigits(card, choices)
    const before = choices.pick(['', 'Alors, c’est le ', 'My number is ', 'Prenez la carte bancaire, '])
    expect(maskSecrets(`${before}${written}`), `seed ${seed}: ${card} as ${written}`).toBe(before + MASK)
  })
})

it('[A1] masks a card that is read out over several utterances', () => {
  forEachSeed((choices, seed) => {
    const card = aCard({ ...choices, pick: (from) => from[0]! }) // sixteen digits
    const parts = card.match(/\d{4}/g) ?? []
    const said = parts.flatMap((part) => [
      { channel: 'caller' as const, text: writeDigits(part, choices) },
      {
        channel: 'agent' as const,
        text: choices.pick(['Oui.', 'D’accord, ensuite ?', 'OK', 'Mm-hmm.', part]),
      },
    ])
    const shown = maskConversation(said).join(' | ')
    expect(shown.replace(/\D/g, ''), `seed ${seed}: ${said.map(({ text }) => text).join(' | ')}`).toBe('')
    expect(shown, `seed ${seed}`).toMatch(/^•••/)
  })
})

it('[A1] masks an IBAN of any country, written, spelled and read out', () => {
  forEachSeed((choices, seed) => {
    const { country, rest } = anIban(choices)
    const start = choices.pick([country, `${country.at(0)} ${country.at(1)} `, `${country} `])
    const written = `${start}${start === country && choices.below(2) === 0 ? rest : ` ${writeDigits(rest, choices)}`}`
    const before = choices.pick(['', 'Mon compte, c’est ', 'It is '])
    expect(maskSecrets(`${before}${written}`), `seed ${seed}: ${written}`).toBe(before + MASK)
  })
})

it('[A1] masks a code of four to eight digits that answers a request, however it is said', () => {
  forEachSeed((choices, seed) => {
    const code = choices.digits(choices.pick([4, 6, 8]))
    const answer = writeDigits(code, choices)
    const question = choices.pick([
      'Quel est le code ?',
      'Donnez-moi votre code PIN.',
      'Can you read me the code?',
    ])
    const [, shown] = maskConversation([
      { channel: 'agent', text: question },
      { channel: 'caller', text: answer },
    ])
    expect(shown, `seed ${seed}: ${question} ${answer}`).toBe(MASK)
  })
})

function ordinary(choices: Choices): string {
  const number = String(1 + choices.below(choices.pick([9, 99, 999, 9_999, 99_999])))
  const small = spellNumber(choices.below(100), choices.pick(SPELLINGS))
  const two = () => choices.digits(2)
  const phone = `0${1 + choices.below(9)} ${two()} ${two()} ${two()} ${two()}`
  const spokenPhone = `zéro six, ${[two(), two(), two(), two()].map((pair) => spellNumber(Number(pair), 'fr-FR')).join(', ')}`
  return choices.pick([
    `On a besoin de ${number} ordinateurs et de ${small} écrans pour lundi.`,
    `Rappelez-moi au ${phone} ou au ${phone}, s’il vous plaît.`,
    `Mon numéro, c’est le ${spokenPhone}.`,
    `Le ticket ${number} est lié au ticket ${choices.digits(5)} et au ${choices.digits(5)}.`,
    `Le numéro de série est ${choices.digits(choices.pick([8, 10, 12, 16]))}.`,
    `La version ${number}.${two()}.${two()} plante depuis le ${1 + choices.below(28)}/${1 + choices.below(12)}/2026.`,
    `La facture de ${number} euros est du ${spellNumber(1 + choices.below(28), 'fr-CH')} mars.`,
    `Le serveur 10.${choices.below(256)}.${choices.below(256)}.${choices.below(256)} ne répond plus.`,
    `Le code postal est ${choices.digits(5)} et le code erreur ${number}.`,
    `Le mot de passe doit avoir ${number} caractères, pas ${small}.`,
    `Il y a ${small} personnes au ${small} et ${number} mails dans la file.`,
    `We have ${number} users and ${small} printers, call me at ${phone}.`,
    `The password expired ${small} days ago, ticket ${number}.`,
    `Mon mot de passe est refusé depuis ${small} jours.`,
  ])
}

it('[A1] changes nothing in ordinary sentences', () => {
  forEachSeed((choices, seed) => {
    const said = [0, 1, 2, 3, 4].map((index) => ({
      channel: index % 2 === 0 ? ('caller' as const) : ('agent' as const),
      text: ordinary(choices),
    }))
    expect(maskConversation(said), `seed ${seed}`).toEqual(said.map(({ text }) => text))
  })
})

it('[A1] changes no other character, and nothing when it is applied again', () => {
  const lines = [...corpusOf('own-mask'), ...corpusOf('own-keep')]
  for (const line of lines) {
    const said = conversationOf(line)
    const once = maskConversation(said)
    for (const [index, { text }] of said.entries()) {
      const kept = (once[index] ?? '').split(MASK)
      expect(kept.reduce((from, part) => text.indexOf(part, from) + part.length, 0), text).toBeGreaterThanOrEqual(0) // prettier-ignore
      expect(text.startsWith(kept[0] ?? ''), text).toBe(true)
      expect(text.endsWith(kept.at(-1) ?? ''), text).toBe(true)
    }
    const again = said.map(({ channel }, index) => ({ channel, text: once[index] ?? '' }))
    expect(maskConversation(again)).toEqual(once)
  }
})

it('answers within a second for any text that the protocol allows', () => {
  const texts = ['mot de passe '.repeat(300), 'FR76 '.repeat(790), '4 '.repeat(1_990), '4970 '.repeat(790), 'quatre vingt dix '.repeat(230), 'code c’est '.repeat(350), 'S majuscule, '.repeat(300)] // prettier-ignore
  const startedAt = performance.now()
  for (const text of texts) expect(maskSecrets(text).length).toBeGreaterThan(0)
  expect(performance.now() - startedAt).toBeLessThan(1_000 * texts.length)
})

it('masks every secret of an utterance as long as the protocol allows', () => {
  const masked = maskSecrets('Le mot de passe est Soleil2024. '.repeat(120))
  expect(masked).not.toContain('Soleil')
  expect(masked.match(/•••/g)).toHaveLength(120)
})
