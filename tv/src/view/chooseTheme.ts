export type WallboardTheme = 'dark' | 'light' | 'auto'

/** Returns the dark theme unless `?theme=` names light or auto (the screen's system). Pure. */
export function chooseTheme(query: string): WallboardTheme {
  const asked = new URLSearchParams(query).get('theme')
  return asked === 'light' || asked === 'auto' ? asked : 'dark'
}
