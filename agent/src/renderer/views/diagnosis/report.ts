import type { DiagnosisCheck, Gives } from '../../../ipc/channels.ts'
import type { Speech } from '../../i18n/texts.ts'

/** What a check found, in the language of the window; an unknown finding of a newer main is shown as it came. */
export function sentenceOf({ check, finding, facts }: DiagnosisCheck, { maybe }: Speech): string {
  return maybe(`diagnosis.${check}.${finding}`, { reason: '', cause: '', ...facts }) ?? finding
}

/** The whole diagnosis as text for a mail or a ticket: facts apart, because they help whoever reads it. */
export function reportOf(diagnosis: Gives<'diagnose'>, speech: Speech): string {
  const { t } = speech
  const lines = diagnosis.checks.map((check) => {
    const facts = Object.entries(check.facts).map(([name, value]) => `${name}=${value}`)
    const verdict = t(`diagnosis.verdict.${check.verdict}`).toUpperCase()
    return [
      `[${verdict}] ${t(`diagnosis.${check.check}.title`)} – ${sentenceOf(check, speech)}`,
      ...(facts.length > 0 ? [`    ${facts.join(' ')}`] : []),
    ].join('\n')
  })
  const at = new Date(diagnosis.atMs).toISOString()
  return [`${t('app.name')} ${diagnosis.version} · ${diagnosis.machine} · ${at}`, ...lines, ''].join('\n')
}
