import { useId, useState } from 'react'
import type { Output } from '../../../ipc/channels.ts'
import { joinPhonePrograms, MAX_LIST, parsePhonePrograms } from '../../../ipc/phoneProgramList.ts'
import { Button } from '../../components/Button.tsx'
import { TextField } from '../../components/Field.tsx'
import { callTime } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { pageClock } from '../../clock.ts'
import { usePage } from '../../page/page.ts'
import { useSetting } from './useSetting.ts'

type Programs = Output<'listMicrophonePrograms'>['programs']

/** Edits which programs count as the phone, for sites whose 3CX runs in a browser or under an unusual name. */
export function PhoneSettings() {
  const { t } = useTranslator()
  const { bridge } = usePage()
  const setting = useSetting('phonePrograms')
  const [typed, setTyped] = useState<string>()
  const [programs, setPrograms] = useState<Programs>()
  const shown = typed ?? setting.value
  const { lines, wrong } = parsePhonePrograms(shown)
  const save = (list: string) => {
    setTyped(list)
    const parsed = parsePhonePrograms(list)
    if (parsed.wrong.length > 0) return
    setting.save(joinPhonePrograms(parsed.lines))
    setTyped(undefined)
  }
  const listPrograms = async () => {
    const answer = await bridge.listMicrophonePrograms({})
    setPrograms(answer.ok ? answer.value.programs : [])
  }
  return (
    <details
      className="more"
      onToggle={(event) => void (event.currentTarget.open ? listPrograms() : undefined)}
    >
      <summary className="more__title">{t('settings.phone')}</summary>
      <div className="more__inside">
        <TextField
          lines
          label={t('settings.phonePrograms')}
          hint={t('settings.phoneProgramsHint')}
          locked={setting.locked}
          error={
            wrong.length > 0
              ? wrong.map(({ entry, why }) => t(`settings.invalidProgram.${why}`, { entry })).join(' ')
              : undefined
          }
          value={shown}
          maxLength={MAX_LIST}
          onChange={setTyped}
          onLeave={() => (typed === undefined ? undefined : save(typed))}
        />
        <p className="group__note">{t('settings.phoneBrowser')}</p>
        <MicrophonePrograms
          programs={programs}
          locked={setting.locked !== undefined}
          onPick={(name) => save(joinPhonePrograms([...lines, name]))}
          listed={lines}
        />
      </div>
    </details>
  )
}

/** Lists the programs that use the microphone, so that the technician need not know a program's name. */
function MicrophonePrograms(props: {
  readonly programs: Programs | undefined
  readonly listed: readonly string[]
  readonly locked: boolean
  readonly onPick: (name: string) => void
}) {
  const { t, locale } = useTranslator()
  const id = useId()
  const { programs } = props
  if (!programs) return null
  if (programs.length === 0) return <p className="group__note">{t('settings.noMicrophoneUse')}</p>
  return (
    <div className="programs">
      <p className="field__label" id={id}>
        {t('settings.microphoneUse')}
      </p>
      <ul className="programs__list" aria-labelledby={id}>
        {programs.map(({ name, inUse, usedAtMs, counts }) => (
          <li key={name} className="programs__one">
            <span className="programs__name">{name}</span>
            <span className="group__note">
              {inUse ? t('settings.inUseNow') : callTime(usedAtMs ?? 0, pageClock.wallClockMs(), locale)}
            </span>
            {counts || props.listed.includes(name) ? (
              <span className="group__note">{t('settings.programCounts')}</span>
            ) : (
              <Button icon="plus" disabled={props.locked} onPress={() => props.onPick(name)}>
                {t('settings.addProgram', { name })}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
