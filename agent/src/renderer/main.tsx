import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { openBridge } from './bridge/openBridge.ts'
import { pageClock } from './clock.ts'
import { installShortcuts } from './page/installShortcuts.ts'
import { createPage } from './page/page.ts'

const page = createPage({ bridge: openBridge(), clock: pageClock })
installShortcuts(page)
const root = document.getElementById('root')
if (root) createRoot(root).render(<App page={page} />)
