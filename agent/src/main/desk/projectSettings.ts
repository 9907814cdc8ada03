import type { AgentSettings } from '@3cx-ninja/protocol'
import type { settingKey } from '../../ipc/deskSnapshot.ts'
import { type DeskSettings, type SettingKey } from '../../ipc/deskSnapshot.ts'
import type { SettingOrigin, Settings, SettingsFile } from '../process/settings.ts'

export type SettingsView = Pick<SettingsFile, 'value' | 'origin'>

/** Returns whether the value was set from outside; the technician may change only defaults and own values. */
export const isLocked = (origin: SettingOrigin): boolean => origin !== 'default' && origin !== 'user'

export function projectSettings(
  { value, origin }: SettingsView,
  rules: AgentSettings | undefined,
  app: DeskSettings['app'],
): DeskSettings {
  const field = (key: SettingKey & keyof Settings) => {
    const from = origin(key)
    return { value: value[key] ?? '', from, locked: isLocked(from) }
  }
  return {
    app,
    fields: {
      hub: field('hub'),
      extension: field('extension'),
      name: field('name'),
      email: field('email'),
      language: field('language'),
      locale: field('locale'),
      theme: field('theme'),
      microphone: field('microphone'),
      loudspeaker: field('loudspeaker'),
      phonePrograms: field('phonePrograms'),
      startWithSystem: field('startWithSystem'),
    } satisfies Record<(typeof settingKey.options)[number], unknown>,
    ...(rules
      ? {
          rules: {
            countdownMs: rules.countdownMs,
            language: rules.language.slice(0, 8),
            consent: {
              confirmed: rules.consent.confirmed,
              basis: rules.consent.basis,
              text: rules.consent.text,
            },
          },
        }
      : {}),
  }
}
