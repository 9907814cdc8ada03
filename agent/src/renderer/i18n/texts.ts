import { createInstance, type i18n } from 'i18next'
import { createContext, useContext } from 'react'
import en from './en.json' with { type: 'json' }
import fr from './fr.json' with { type: 'json' }

export type Locale = 'fr' | 'en'

type Leaves<Tree, Before extends string = ''> = {
  [Key in keyof Tree & string]: Tree[Key] extends string
    ? `${Before}${Key}`
    : Leaves<Tree[Key], `${Before}${Key}.`>
}[keyof Tree & string]
/** The key of a text of the window; fr.json defines the keys. */
export type TextKey = StripPlural<Leaves<typeof fr>>
type StripPlural<Key extends string> = Key extends `${infer Stem}_${'one' | 'other' | 'many'}` ? Stem : Key

export type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string

export interface Translator {
  readonly t: Translate
  /** Returns undefined for a key without a text: main of another version may send one. */
  readonly translateIfKnown: (
    key: string,
    values?: Readonly<Record<string, string | number>>,
  ) => string | undefined
  readonly locale: Locale
}

export function createTranslator(locale: Locale): Translator {
  const instance: i18n = createInstance()
  void instance.init({
    lng: locale,
    fallbackLng: 'fr',
    resources: { fr: { translation: fr }, en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
    initAsync: false,
  })
  const translate = (key: string, values: object | undefined) => instance.t(key, { ...values })
  return {
    t: translate,
    translateIfKnown: (key, values) =>
      instance.exists(key, { ...values }) ? translate(key, values) : undefined,
    locale,
  }
}

const TranslatorContext = createContext<Translator>(createTranslator('fr'))
export const TranslatorProvider = TranslatorContext.Provider
export const useTranslator = (): Translator => useContext(TranslatorContext)
