import './setup.css'
import { useEffect, useRef, useState } from 'react'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'
import type { SetUpInput, FieldErrors } from './setUpInput.ts'
import { HubStep } from './HubStep.tsx'
import { SoundStep } from './SoundStep.tsx'
import { YouStep } from './YouStep.tsx'

const STEPS = ['hub', 'you', 'sound'] as const
type Step = (typeof STEPS)[number]

/**
 * Leads a new PC through its steps: `hub` until address and key are typed, `you` until the hub enrolled the PC,
 * `sound` until the technician finishes. Values that an administrator set are shown and stay.
 */
export function SetUpView() {
  const { t } = useTranslator()
  const { screen } = usePage()
  const { setUp } = useSnapshot()
  const { step, setStep, input, errors, enrolling, hubName, change, next, enroll } = useSetUp()
  const title = useRef<HTMLHeadingElement>(null)
  // The view stays until its last step, also when main already counts the PC as enrolled.
  useEffect(() => screen.setState({ settingUp: true }), [screen])
  useEffect(() => title.current?.focus(), [step])
  const finish = () => screen.setState({ settingUp: false })
  return (
    <main className="setup">
      <div className="setup__card">
        <div>
          <h1 className="page__title" ref={title} tabIndex={-1}>
            {t('setUp.title')}
          </h1>
          <p className="page__intro">{t('setUp.intro')}</p>
        </div>
        <Steps step={step} />
        {step === 'hub' ? (
          <HubStep
            input={input}
            errors={errors}
            onChange={change}
            onNext={next}
            // A technician who opened the set-up from the settings may leave it.
            onLeave={setUp === 'done' ? finish : undefined}
          />
        ) : null}
        {step === 'you' ? (
          <YouStep
            input={input}
            errors={errors}
            enrolling={enrolling}
            onChange={change}
            onBack={() => setStep('hub')}
            onEnroll={() => void enroll()}
          />
        ) : null}
        {step === 'sound' ? <SoundStep hubName={hubName ?? ''} onFinish={finish} /> : null}
      </div>
    </main>
  )
}

function Steps({ step }: { readonly step: Step }) {
  const { t } = useTranslator()
  const at = STEPS.indexOf(step)
  return (
    <>
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
    </>
  )
}

/** Holds the typed values, sends them to main, and returns to the step whose field main refused. */
function useSetUp() {
  const { t } = useTranslator()
  const { act, bridge } = usePage()
  const { fields } = useSnapshot().settings
  const [step, setStep] = useState<Step>('hub')
  const [input, setInput] = useState<SetUpInput>({
    hub: fields.hub.value,
    enrollmentKey: '',
    extension: fields.extension.value,
    name: fields.name.value,
    email: fields.email.value,
  })
  const [errors, setErrors] = useState<FieldErrors>({})
  const [enrolling, setEnrolling] = useState(false)
  const [hubName, setHubName] = useState<string>()
  const change = (changes: Partial<SetUpInput>) => {
    setInput((typed) => ({ ...typed, ...changes }))
    setErrors({})
  }
  const next = () => {
    const missing = missingOf(input, t('setUp.required'))
    setErrors(missing)
    if (Object.keys(missing).length === 0) setStep('you')
  }
  const enroll = async () => {
    setEnrolling(true)
    const answer = await bridge.setUp(input)
    setEnrolling(false)
    if (!act.isDone(answer) || !answer.ok) return
    if (answer.value.ok) {
      setHubName(answer.value.hubName)
      setStep('sound')
      return
    }
    const { field, why, detail } = answer.value
    setErrors({ [field]: t(`setUp.why.${why}`, { detail }) })
    setStep(field === 'hub' || field === 'enrollmentKey' ? 'hub' : 'you')
  }
  return { step, setStep, input, errors, enrolling, hubName, change, next, enroll }
}

function missingOf({ hub, enrollmentKey }: SetUpInput, why: string): FieldErrors {
  return {
    ...(hub.trim() ? {} : { hub: why }),
    ...(enrollmentKey.trim() ? {} : { enrollmentKey: why }),
  }
}
