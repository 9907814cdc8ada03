import type { DiagnosisCheck, Output } from '../../../ipc/channels.ts'
import type { Translator } from '../../i18n/texts.ts'

/** What a check found, in the language of the window; an unknown finding of a newer main is shown as it came. */
export function sentenceOf({ check, finding, facts }: DiagnosisCheck, translator: Translator): string {
  const values = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, factInWords(name, value, translator)]),
  )
  return (
    translator.translateIfKnown(`diagnosis.${check}.${finding}`, { reason: '', cause: '', ...values }) ??
    finding
  )
}

/** '7,2' in French; the sources of calls and sound by their names, not by those of the program. */
function factInWords(fact: string, value: string | number, { translateIfKnown, locale }: Translator): string {
  if (typeof value === 'number') return new Intl.NumberFormat(locale).format(value)
  if (!['on', 'failed', 'source'].includes(fact)) return value
  // 'consent-store (why it failed)': the name, and what it said itself
  return value.replaceAll(/(?<=^|, )[a-z-]+/g, (name) => translateIfKnown(`diagnosis.source.${name}`) ?? name)
}

/** The whole diagnosis as text for a mail or a ticket: facts apart, because they help whoever reads it. */
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
