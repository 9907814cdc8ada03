import './diagnosis.css'
import { useCallback, useEffect, useState } from 'react'
import type { DiagnosisCheck, Output } from '../../../ipc/channels.ts'
import { Badge, type Tone } from '../../components/Badge.tsx'
import { Button } from '../../components/Button.tsx'
import { Icon, type IconName } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'
import { reportOf, sentenceOf } from './report.ts'

type Diagnosis = Output<'diagnose'>
type Verdict = DiagnosisCheck['verdict']

const ICONS: Readonly<Record<Verdict, IconName>> = {
  good: 'check',
  warning: 'alert',
  bad: 'cross',
  unknown: 'search',
}
const TONES: Readonly<Record<Verdict, Tone>> = { good: 'good', warning: 'warn', bad: 'bad', unknown: 'plain' }

/** Checks that need a person come first, and the worst of them first. */
const GROUPS: readonly {
  readonly title: 'needsAttention' | 'unknown' | 'good'
  readonly verdicts: readonly Verdict[]
}[] = [
  { title: 'needsAttention', verdicts: ['bad', 'warning'] },
  { title: 'unknown', verdicts: ['unknown'] },
  { title: 'good', verdicts: ['good'] },
]

/** Tests every link from phone to ticket now, and shows each finding with its remedy. */
export function DiagnosisView() {
  const translator = useTranslator()
  const { t, locale } = translator
  const { act, bridge } = usePage()
  const [diagnosis, setDiagnosis] = useState<Diagnosis>()
  const [running, setRunning] = useState(false)
  const run = useCallback(async () => {
    setRunning(true)
    const answer = await bridge.diagnose({})
    setRunning(false)
    if (act.isDone(answer) && answer.ok) setDiagnosis(answer.value)
  }, [act, bridge])
  useEffect(() => void run(), [run])
  const attentionCount =
    diagnosis?.checks.filter(({ verdict }) => verdict === 'warning' || verdict === 'bad').length ?? 0
  return (
    <div className="page">
      <div className="page__inner">
        <div>
          <h1 className="page__title">{t('diagnosis.title')}</h1>
          <p className="page__intro">{t('diagnosis.intro')}</p>
        </div>
        <div className="summary">
          <p className="summary__message" role="status">
            {running || !diagnosis
              ? t('diagnosis.running')
              : attentionCount === 0
                ? t('diagnosis.allGood')
                : t('diagnosis.needsAttention', { count: attentionCount })}{' '}
            {diagnosis && !running ? (
              <span className="summary__at">
                {t('diagnosis.at', {
                  time: new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(diagnosis.atMs),
                })}
              </span>
            ) : null}
          </p>
          <Button icon="again" disabled={running} onPress={() => void run()}>
            {t('diagnosis.run')}
          </Button>
          <Button
            icon="copy"
            disabled={!diagnosis}
            onPress={() => diagnosis && void act.copy(reportOf(diagnosis, translator), 'copied.report')}
          >
            {t('diagnosis.copy')}
          </Button>
        </div>
        {GROUPS.map(({ title, verdicts }) => {
          const checks = diagnosis?.checks.filter(({ verdict }) => verdicts.includes(verdict)) ?? []
          if (checks.length === 0) return null
          return (
            <section key={title} className="chain-group" aria-labelledby={`chain-${title}`}>
              <h2 className="chain-group__title" id={`chain-${title}`}>
                {t(`diagnosis.group.${title}`)}
              </h2>
              <ul className="chain">
                {[...checks]
                  .sort((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict))
                  .map((check) => (
                    <li key={check.check} className="chain__one" data-verdict={check.verdict}>
                      <span className="chain__sign">
                        <Icon name={ICONS[check.verdict]} />
                      </span>
                      <div>
                        <h3 className="chain__name">{t(`diagnosis.${check.check}.title`)}</h3>
                        <p className="chain__message">{sentenceOf(check, translator)}</p>
                      </div>
                      <Badge tone={TONES[check.verdict]}>{t(`diagnosis.verdict.${check.verdict}`)}</Badge>
                    </li>
                  ))}
              </ul>
            </section>
          )
        })}
      </div>
    </div>
  )
}
