import './setup.css'
import { useEffect, useRef, useState } from 'react'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'
import type { SetUpInput, FieldErrors } from './setUpInput.ts'
import { HubStep } from './HubStep.tsx'
import { SoundStep } from './SoundStep.tsx'
import { YouStep } from './YouStep.tsx'

const STEPS = ['hub', 'you', 'sound'] as const

/** The first minutes of a PC: its hub, its technician, its sound. What an administrator set is shown and stays. */
export function SetUpView() {
  const { t } = useTranslator()
  const { act, bridge, screen } = usePage()
  const { settings, setUp } = useSnapshot()
  const { fields } = settings
  const [step, setStep] = useState<(typeof STEPS)[number]>('hub')
  const [input, setInput] = useState<SetUpInput>({
    hub: fields.hub.value,
    enrollmentKey: '',
    extension: fields.extension.value,
    name: fields.name.value,
    email: fields.email.value,
  })
  const [errors, setErrors] = useState<FieldErrors>({})
  const [joining, setJoining] = useState(false)
  const [joined, setJoined] = useState<string>()
  const title = useRef<HTMLHeadingElement>(null)
  // It stays until its last step, also when main already counts it as done.
  useEffect(() => screen.setState({ settingUp: true }), [screen])
  useEffect(() => title.current?.focus(), [step])

  const change = (changes: Partial<SetUpInput>) => {
    setInput((before) => ({ ...before, ...changes }))
    setErrors({})
  }
  const join = async () => {
    setJoining(true)
    const answer = await bridge.setUp(input)
    setJoining(false)
    if (!act.isDone(answer) || !answer.ok) return
    if (answer.value.ok) {
      setJoined(answer.value.hubName)
      setStep('sound')
      return
    }
    const { field } = answer.value
    const { why, detail } = answer.value
    setErrors({ [field]: t(`setUp.why.${why}`, { detail }) })
    setStep(field === 'hub' || field === 'enrollmentKey' ? 'hub' : 'you')
  }
  const finish = () => screen.setState({ settingUp: false })
  const at = STEPS.indexOf(step)
  return (
    <main className="setup">
      <div className="setup__card">
        <div>
          <h1 className="page__title" ref={title} tabIndex={-1}>
            {t('setUp.title')}
          </h1>
          <p className="page__intro">{t('setUp.intro')}</p>
        </div>
        <ol className="setup__steps" aria-label={t('setUp.steps')}>
          {STEPS.map((name, index) => (
            <li
              key={name}
              className="setup__step"
              data-state={index < at ? 'done' : 'open'}
              aria-current={name === step ? 'step' : undefined}
            >
              {t(`setUp.step.${name}`)}
            </li>
          ))}
        </ol>
        <p className="hidden" role="status">
          {t('setUp.stepOf', { step: at + 1, total: STEPS.length })}
        </p>
        {step === 'hub' ? (
          <HubStep
            input={input}
            errors={errors}
            onChange={change}
            onNext={() => {
              const missing = missingOf(input, t('setUp.required'))
              setErrors(missing)
              if (Object.keys(missing).length === 0) setStep('you')
            }}
            // Who came here by choice may leave again.
            onLeave={setUp === 'done' ? finish : undefined}
          />
        ) : null}
        {step === 'you' ? (
          <YouStep
            input={input}
            errors={errors}
            joining={joining}
            onChange={change}
            onBack={() => setStep('hub')}
            onJoin={() => void join()}
          />
        ) : null}
        {step === 'sound' ? <SoundStep hubName={joined ?? ''} onFinish={finish} /> : null}
      </div>
    </main>
  )
}

function missingOf({ hub, enrollmentKey }: SetUpInput, why: string): FieldErrors {
  return {
    ...(hub.trim() ? {} : { hub: why }),
    ...(enrollmentKey.trim() ? {} : { enrollmentKey: why }),
  }
}
