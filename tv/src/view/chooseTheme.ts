export type WallboardTheme = 'dark' | 'light' | 'auto'

/** Dark, unless `?theme=` asks for light or for what the screen's system wants. Pure. */
export function chooseTheme(query: string): WallboardTheme {
  const asked = new URLSearchParams(query).get('theme')
  return asked === 'light' || asked === 'auto' ? asked : 'dark'
}
