import type { DiagnosisCheck, Output } from '../../../ipc/channels.ts'
import type { Translator } from '../../i18n/texts.ts'

/** Returns a check's finding as a sentence in the window's language; an unknown finding of a newer main stays as it is. */
export function sentenceOf({ check, finding, facts }: DiagnosisCheck, translator: Translator): string {
  const values = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, factInWords(name, value, translator)]),
  )
  return (
    translator.translateIfKnown(`diagnosis.${check}.${finding}`, { reason: '', cause: '', ...values }) ??
    finding
  )
}

/** Returns a fact for a sentence: '7,2' in French, and call and audio sources by their translated names. */
function factInWords(fact: string, value: string | number, { translateIfKnown, locale }: Translator): string {
  if (typeof value === 'number') return new Intl.NumberFormat(locale).format(value)
  if (!['on', 'failed', 'source'].includes(fact)) return value
  // In 'consent-store (why it failed)' only the name is translated.
  return value.replaceAll(/(?<=^|, )[a-z-]+/g, (name) => translateIfKnown(`diagnosis.source.${name}`) ?? name)
}

/** Returns the whole diagnosis as text for a mail or a ticket; the facts stand apart for the administrator. */
export function reportOf(diagnosis: Output<'diagnose'>, translator: Translator): string {
  const { t } = translator
  const lines = diagnosis.checks.map((check) => {
    const facts = Object.entries(check.facts).map(([name, value]) => `${name}=${value}`)
    const verdict = t(`diagnosis.verdict.${check.verdict}`).toUpperCase()
    return [
      `[${verdict}] ${t(`diagnosis.${check.check}.title`)} – ${sentenceOf(check, translator)}`,
      ...(facts.length > 0 ? [`    ${facts.join(' ')}`] : []),
    ].join('\n')
  })
  const at = new Date(diagnosis.atMs).toISOString()
  return [`${t('app.name')} ${diagnosis.version} · ${diagnosis.machine} · ${at}`, ...lines, ''].join('\n')
}
