import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Priority, Utterance } from '@3cx-ninja/protocol'
import { analyse } from '../../../src/tickets/analysis/rules.ts'
import { ticketBodyOf } from '../../../src/tickets/writes.ts'
import { beginDraft, fillDraft } from '../../../src/tickets/draftContent.ts'
import { fr } from '../../../src/tickets/texts/fr.ts'
import { aCall, aLine } from '../../../testing/ticketBuilders.ts'

/** Judges lines: 'A: …' is said by the technician, 'C: …' by the caller. */
function talk(...lines: readonly string[]): Utterance[] {
  return lines.map((line) => aLine(line.startsWith('A: ') ? 'agent' : 'caller', line.slice(3)))
}
const judge = (...lines: readonly string[]) => analyse(aCall(), talk(...lines), fr)
const openOf = (...lines: readonly string[]) => judge(...lines).actions.map(({ text }) => text)

/** Resolves with the analysis of a demonstration call's reference text. */
async function demoCall(number: 1 | 2 | 3) {
  const file = new URL(`../../../../resources/audio/demo-call-${number}.json`, import.meta.url)
  const { segments } = JSON.parse(await readFile(file, 'utf8')) as {
    segments: { speaker: string; text: string }[]
  }
  return analyse(aCall(), segments.map(({ speaker, text }) => aLine(speaker === 'agent' ? 'agent' : 'caller', text)), fr) // prettier-ignore
}
const sectionOf = (description: string, title: string) =>
  description
    .split('\n\n')
    .find((section) => section.startsWith(title))
    ?.split('\n')
    .slice(1)

describe('the demonstration calls', () => {
  it('judges the printer repaired on the telephone (demonstration call 1) as solved, without actions', async () => {
    const { title, category, priority, sentiment, actions, description, evidence } = await demoCall(1)
    expect({ title, category, priority, sentiment, actions }).toEqual({
      title: 'Notre imprimante ne répond plus depuis hier soir',
      category: 'Impression',
      priority: 'MEDIUM',
      sentiment: 'positive',
      actions: [],
    })
    expect(sectionOf(description, "Fait pendant l'appel")).toEqual([
      '- Débrancher la prise.',
      "- Patientez dix minutes, puis rebranchez le câble et faites un test d'impression.",
    ])
    expect(sectionOf(description, "Résolu pendant l'appel")).toEqual(['- Ça y est, ça marche.', '- La page est bien imprimée.']) // prettier-ignore
    expect(evidence).toEqual({
      category: ['imprimante', 'bourrage', 'imprimée'],
      priority: ['ça marche', 'bien imprimée'],
      sentiment: ['ça marche', 'merci beaucoup'],
    })
  })

  it('judges the unlocked password (demonstration call 2) as solved: the promise was kept before the end', async () => {
    const { title, category, priority, sentiment, actions, description } = await demoCall(2)
    expect({ title, category, priority, sentiment, actions }).toEqual({
      title: 'Je suis en télétravail et le VPN refuse mon mot de passe depuis ce matin',
      category: 'Mot de passe et accès',
      priority: 'MEDIUM',
      sentiment: 'positive',
      actions: [],
    })
    expect(sectionOf(description, "Fait pendant l'appel")).toEqual([
      '- Je vais débloquer votre session et vous envoyer un lien par courriel.',
    ])
  })

  it('judges the security incident (demonstration call 3) as urgent and open, with every promise as an action', async () => {
    const { title, category, priority, actions, evidence, description } = await demoCall(3)
    expect({ title, category, priority }).toEqual({
      title: 'Un stagiaire a cliqué sur une fausse facture et le serveur ne démarre plus',
      category: 'Sécurité',
      priority: 'HIGH',
    })
    expect(evidence.priority).toEqual(['urgent'])
    expect(actions.map(({ text }) => text)).toEqual([
      'Surtout, ne touchez pas à la pièce jointe.',
      "Je vais ouvrir un incident majeur et bloquer l'expéditeur.",
      'On va la restaurer avant quatorze heures.',
      'Mon collègue Karim passera cet après-midi vers seize heures.',
    ])
    expect(sectionOf(description, 'Résolu')).toBeUndefined()
  })

  it('judges demonstration call 1 alike with the model’s wrong endings and question marks', () => {
    const { priority, actions, description } = judge(
      'C: Notre imprimante ne répond plus depuis hier soir, et je dois imprimer le devis avant midi.',
      "A: Est-ce que vous voyez un message d'erreur sûr l'écran.",
      'C: Attendez, je regarde. Il est Écric erreur quarante-deux.',
      "A: Très bien, c'est sûrement un bourrage papier. Pouvez-vous débrancher la prise ?",
      "C: Voilà, c'est fait. J'attends combien de temps.",
      "A: Patientez dix minutes, puis rebrancher le câble et fait un test d'impression ?",
      'C: Ça y est ça marche, la page est bien imprimer.',
      'A: Parfait. Je ferme le ticket numéro cinq cent douze.',
    )
    expect({ priority, actions }).toEqual({ priority: 'MEDIUM', actions: [] })
    expect(sectionOf(description, "Fait pendant l'appel")).toEqual([
      '- Débrancher la prise.',
      "- Patientez dix minutes, puis rebrancher le câble et fait un test d'impression ?",
    ])
    expect(sectionOf(description, "Résolu pendant l'appel")).toHaveLength(1)
  })

  it.each([1, 2, 3] as const)(
    'writes no line twice in the ticket of demonstration call %i',
    async (number) => {
      const analysis = await demoCall(number)
      const call = aCall()
      const record = fillDraft(
        beginDraft(call, { draftId: 'draft-000001' as never, nowMs: 0, organizationId: '1' }),
        analysis,
        '1',
      )
      const lines = ticketBodyOf(record, { texts: fr, organizationForUnknown: '1', capabilities: { commentFiles: true, maxCommentChars: 30_000 } }).description.split('\n').map((line) => line.replace(/^(- |\[.\] )/, '').trim()).filter(Boolean) // prettier-ignore
      expect(lines).toEqual([...new Set(lines)])
    },
  )
})

describe('priority of a call', () => {
  const table: readonly (readonly [string, Priority, string?])[] = [
    ['C’est urgent, le serveur est tombé.', 'HIGH', 'urgent'],
    ['Ce n’est pas urgent, mais l’imprimante ne marche plus.', 'LOW'],
    ['C’est pas très urgent.', 'LOW'],
    ['Ça n’a rien d’urgent.', 'LOW'],
    ['Ce n’est pas du tout urgent.', 'LOW'],
    ['C’est de plus en plus urgent.', 'HIGH', 'urgent'],
    ['Ce n’est plus urgent, on a trouvé une autre imprimante.', 'LOW'],
    ['Il n’y a pas d’urgence.', 'LOW'],
    ['Non, c’est urgent !', 'HIGH', 'urgent'],
    ['Tout le service est bloqué depuis ce matin.', 'HIGH', 'tout le service'],
    ['Plus personne ne peut travailler.', 'HIGH', 'plus personne'],
    ['Le devis doit partir avant midi.', 'HIGH', 'avant midi'],
    ['Il me le faut avant quatorze heures.', 'HIGH', 'avant quatorze heures'],
    ['Il me le faut avant 14 h.', 'HIGH', 'avant 14 h'],
    ['Mon compte n’est pas bloqué.', 'MEDIUM'],
    ['Nous avons un rançongiciel sur un poste.', 'HIGH', 'rançongiciel'],
    ['Vous pouvez regarder quand vous aurez le temps.', 'LOW', 'quand vous aurez le temps'],
    ['Ça peut attendre la semaine prochaine.', 'LOW', 'peut attendre'],
    ['J’avais juste une question sur Excel.', 'LOW', 'une question'],
    ['Mon clavier est cassé.', 'MEDIUM'],
    ['This is urgent, our whole office is offline.', 'HIGH', 'urgent'],
    ['It is not urgent.', 'LOW'],
    ['It isn’t really urgent.', 'LOW'],
    ['Nothing urgent, just a question.', 'LOW'],
    ['The mail server is down.', 'HIGH', 'is down'],
    ['I need it by 3 pm.', 'HIGH', 'by 3 pm'],
    ['No rush at all.', 'LOW', 'no rush'],
    ['My screen flickers.', 'MEDIUM'],
    ['Est-ce que c’est urgent de changer la batterie ?', 'MEDIUM'],
  ]
  it.each(table)('gives “%s” the priority %s', (sentence, priority, words) => {
    const { priority: judged, evidence } = judge(`C: ${sentence}`)
    expect(judged).toBe(priority)
    if (words) expect(evidence.priority).toContain(words)
    if (priority !== 'MEDIUM') expect(evidence.priority.length).toBeGreaterThan(0)
  })

  it('gives a call the priority that was said last', () => {
    expect(judge('C: C’est urgent.', 'A: Je regarde.', 'C: Finalement ce n’est pas urgent.').priority).toBe(
      'LOW',
    )
    expect(judge('C: Ce n’est pas urgent.', 'C: En fait si, c’est urgent.').priority).toBe('HIGH')
  })

  it('reads the priority from the caller’s answer, not from the technician’s question', () => {
    expect(judge('C: Mon écran est noir.', 'A: C’est urgent ?', 'C: Oui, j’ai une réunion.').priority).toBe(
      'HIGH',
    )
    expect(judge('C: Mon écran est noir.', 'A: C’est urgent ?', 'C: Non, pas vraiment.').priority).toBe('LOW')
    expect(judge('C: Mon écran est noir.', 'A: C’est urgent ?').priority).toBe('MEDIUM')
  })

  it('lowers the priority of a solved call, unless the caller called it urgent', () => {
    const solved = ['A: Redémarrez le serveur.', 'C: Ça y est, ça marche.']
    expect(judge('C: Tout le service est bloqué.', ...solved)).toMatchObject({ priority: 'MEDIUM', evidence: { priority: ['ça marche'] } }) // prettier-ignore
    expect(judge('C: C’est urgent, tout le service est bloqué.', ...solved).priority).toBe('HIGH')
  })
})

describe('actions that remain after a call', () => {
  it.each([
    'Je vous rappelle demain matin.',
    'Je vais vous envoyer un nouveau câble.',
    'On passera cet après-midi.',
    'Un technicien viendra sur place jeudi.',
    'Je transmets au fournisseur.',
    'Je commande une batterie.',
    'Vous devez changer votre mot de passe ce soir.',
    'Pensez à sauvegarder vos fichiers.',
    'N’ouvrez pas la pièce jointe.',
    'Redémarrez le serveur ce soir.',
    'Il faudra réinstaller le pilote.',
    'I’ll call you back tomorrow.',
    'We will send you a new laptop.',
    'A technician will come on Monday.',
    'You need to change your password.',
    'Do not open the attachment.',
  ])('lists as an open action: %s', (sentence) => {
    expect(openOf('C: Mon poste ne démarre plus.', `A: ${sentence}`)).toEqual([sentence])
  })

  it.each([
    'Débranchez la prise.',
    'Pouvez-vous redémarrer le poste ?',
    'Cliquez sur le menu Démarrer, puis choisissez Arrêter.',
    'J’ai réinitialisé votre mot de passe.',
    'Je prends la main sur votre poste.',
    'Je vais essayer de redémarrer le service.',
    'Could you restart the printer?',
    'Please unplug the cable.',
    'I’ve reset your password.',
  ])('lists as done during the call, not as an open action: %s', (sentence) => {
    const { actions, description } = judge('C: Mon poste ne démarre plus.', `A: ${sentence}`)
    expect(actions).toEqual([])
    expect(sectionOf(description, "Fait pendant l'appel")).toHaveLength(1)
  })

  it.each([
    'Je ferme le ticket numéro cinq cent douze.',
    'J’ouvre un ticket.',
    'Votre dossier porte le numéro sept cent trente.',
    'Je regarde.',
    'Je vais vérifier.',
    'Patientez un instant.',
    'N’hésitez pas à nous rappeler.',
    'Si ça recommence, rappelez-nous.',
    'À quel numéro puis-je vous rappeler ?',
    'Voulez-vous que je vous rappelle ?',
    'Pouvez-vous me rappeler votre nom ?',
    'Je vous écoute.',
    'Let me have a look.',
    'Bonjour, que puis-je faire pour vous ?',
  ])('lists neither as an action nor as done: %s', (sentence) => {
    const { actions, description } = judge('C: Mon poste ne démarre plus.', `A: ${sentence}`)
    expect(actions).toEqual([])
    expect(sectionOf(description, "Fait pendant l'appel")).toBeUndefined()
  })

  it('lists no promise kept before the end of the call, but one that comes later all the same', () => {
    const lines = ['C: Mon compte est verrouillé.', 'A: Je vais débloquer votre compte.', 'A: Je vous rappelle demain pour vérifier.', 'C: Je suis connecté, merci.'] // prettier-ignore
    expect(openOf(...lines)).toEqual(['Je vous rappelle demain pour vérifier.'])
  })

  it('lists no request that the caller fulfills at once', () => {
    expect(openOf('A: Vous devez cocher la case.', 'C: Voilà, c’est fait.')).toEqual([])
    expect(openOf('A: Vous devez cocher la case.', 'C: Je le ferai.')).toHaveLength(1)
  })

  it('lists the caller’s own promise in the caller’s name', () => {
    expect(openOf('A: Avez-vous une capture ?', 'C: Je vous envoie une capture d’écran.')).toEqual(['Appelant : Je vous envoie une capture d’écran.']) // prettier-ignore
  })
})

describe('whether a call is solved', () => {
  const isSolved = (...lines: readonly string[]) => judge(...lines).description.includes('Résolu pendant')
  it.each([
    [true, ['A: Redémarrez.', 'C: Ça marche maintenant.']],
    [true, ['A: Redémarrez.', 'C: C’est bon.']],
    [true, ['A: Try to restart it.', 'C: It works now, thank you.']],
    [false, ['A: Redémarrez.', 'C: Ça ne marche toujours pas.']],
    [false, ['A: Redémarrez et dites-moi si ça marche.']],
    [false, ['A: Redémarrez.', 'A: Est-ce que ça marche ?']],
    [false, ['A: Je vous rappelle demain.', 'C: Ça marche, merci.']],
    [false, ['A: Redémarrez.', 'C: Ça marche.', 'C: Ah non, l’écran ne répond plus.']],
    [true, ['A: Redémarrez.', 'C: Ça ne marche pas.', 'A: Rebranchez.', 'C: Ça y est, ça marche.']],
  ])('judges solved as %s: %j', (solved, lines) => {
    expect(isSolved('C: Mon écran ne répond plus.', ...lines)).toBe(solved)
  })
})

describe('category, sentiment and title of a call', () => {
  it.each([
    ['Je n’ai plus internet au bureau.', 'Réseau', 'internet'],
    ['Il n’y a plus de toner.', 'Impression', 'toner'],
    ['Ce n’est pas l’imprimante, c’est Outlook qui plante.', 'Messagerie', 'outlook'],
    ['J’ai oublié mon mot de passe.', 'Mot de passe et accès', 'mot de passe'],
    ['J’ai reçu un faux mail, je crois que c’est une arnaque.', 'Sécurité', 'faux mail'],
    ['Mon casque ne marche plus.', 'Téléphonie', 'casque'],
    ['My laptop won’t start.', 'Matériel', 'laptop'],
    ['I forgot my password.', 'Mot de passe et accès', 'password'],
    ['J’ai l’impression que mon écran clignote.', 'Matériel', 'écran'],
    ['Je voudrais parler à Camille.', 'Autre', undefined],
  ])('puts “%s” into the category %s', (sentence, category, words) => {
    const judged = judge(`C: ${sentence}`)
    expect(judged.category).toBe(category)
    expect(judged.evidence.category).toEqual(words === undefined ? [] : expect.arrayContaining([words]))
  })

  it.each([
    ['C’est super lent.', 'neutral'],
    ['Super, merci.', 'positive'],
    ['C’est la troisième fois, c’est inadmissible.', 'negative'],
    ['Je ne suis pas mécontent.', 'neutral'],
    ['Ça ne marche toujours pas.', 'negative'],
    ['C’est inadmissible. Merci beaucoup, au revoir.', 'negative'],
    ['Thank you so much.', 'positive'],
    ['I am really disappointed.', 'negative'],
    ['Bonjour.', 'neutral'],
  ])('gives “%s” the sentiment %s', (sentence, sentiment) => {
    const judged = judge(`C: ${sentence}`)
    expect(judged.sentiment).toBe(sentiment)
    expect(judged.evidence.sentiment.length > 0).toBe(sentiment !== 'neutral')
  })

  it.each([
    [
      ['Oui bonjour, je vous appelle parce que mon écran est noir et ne s’allume plus.'],
      'Mon écran est noir et ne s’allume plus',
    ],
    [['Bonjour, j’ai un petit problème.', 'Ma messagerie ne s’ouvre plus.'], 'Ma messagerie ne s’ouvre plus'],
    [['Hello, I’m calling because my printer is broken.'], 'My printer is broken'],
    [['Je suis Paul, de la compta, et je ne peux plus ouvrir Excel.'], 'Je ne peux plus ouvrir Excel'],
    [['Bonjour.'], 'Appel téléphonique de Thomas Girard'],
  ])('titles %j as %s', (sentences, title) => {
    expect(judge(...sentences.map((one) => `C: ${one}`)).title).toBe(title)
  })

  it('gives spoken words as evidence for each verdict', () => {
    const lines = [
      'C: C’est urgent, l’imprimante est en panne, c’est inadmissible.',
      'A: Je vous rappelle demain.',
    ]
    const { evidence } = judge(...lines)
    const said = lines.join(' ').toLowerCase().replaceAll('’', "'")
    for (const word of [...evidence.category, ...evidence.priority, ...evidence.sentiment])
      expect(said).toContain(word)
  })

  it('keeps the actions and the title of a very long call within the draft’s limits', () => {
    const line = 'A: Je vous rappelle demain pour le poste numéro '
    const { actions, title } = judge(...Array.from({ length: 500 }, (_, index) => `${line}${index}.`), `C: ${'mot '.repeat(400)}ne marche plus.`) // prettier-ignore
    expect(actions.length).toBeLessThanOrEqual(10)
    expect(title.length).toBeLessThanOrEqual(111)
  })
})
