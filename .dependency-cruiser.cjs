// Who may import whom (the table stands in CONTRIBUTING.md). A forbidden arrow or a cycle fails `npm run check`.
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '/(test|testing|scripts)/' },
  to: {
    path: '^(protocol|recording-log|node-kit|hub|worker|agent|tv|test|scripts|installers)/',
    pathNot: `^(${[from, ...allowed].join('|')})/`,
  },
})

module.exports = {
  forbidden: [
    only('protocol-stands-alone', 'protocol', [], 'the words all parts speak know no part'),
    only(
      'recording-log-knows-protocol',
      'recording-log',
      ['protocol'],
      'the log is used by hub and agent, and knows neither',
    ),
    only(
      'node-kit-knows-protocol',
      'node-kit',
      ['protocol'],
      'the socket, the clock and the closing of a process are used by hub, agent and worker, and know none',
    ),
    only('hub-imports', 'hub', ['protocol', 'recording-log', 'node-kit'], 'parts meet on the wire only'),
    only('worker-imports', 'worker', ['protocol', 'node-kit'], 'parts meet on the wire only'),
    only('agent-imports', 'agent', ['protocol', 'recording-log', 'node-kit'], 'parts meet on the wire only'),
    only('tv-imports', 'tv', ['protocol'], 'the wallboard is a page: messages in, pixels out'),
    {
      name: 'hub-nouns-state-ports',
      comment:
        'calls, recordings, dispatch, transcripts and tickets state a port; the edge fulfils it in start.ts',
      severity: 'error',
      from: { path: '^hub/src/(calls|recordings|dispatch|transcripts|tickets|wallboard|retention)/' },
      to: { path: '^hub/src/(http|sockets|database|ninjaone|threecx|server)/' },
    },
    {
      name: 'protocol-and-wallboard-run-anywhere',
      comment: 'no Node, no Electron in the protocol and in what a browser shows',
      severity: 'error',
      from: {
        path: '^(protocol/src|tv|hub/admin/src|agent/src/renderer|agent/src/renderer-audio)/',
        pathNot: '(/(test|testing)/|tv/build\\.ts|tv/scripts/)',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron-at-one-edge',
      comment: 'everything else of the agent runs, and is tested, in plain Node',
      severity: 'error',
      from: { path: '.', pathNot: '^agent/(src/(main/main\\.ts|main/electron/|preload/)|testing/electron/)' },
      to: { path: '^node_modules/electron/' },
    },
    {
      name: 'the-page-knows-only-its-table',
      comment: 'renderer and main meet in agent/src/ipc; the page has no Node',
      severity: 'error',
      from: { path: '^agent/src/(renderer|renderer-audio|preload)/' },
      to: { path: '^agent/src/main/' },
    },
    {
      name: 'main-knows-no-page',
      severity: 'error',
      from: { path: '^agent/src/(main|ipc)/' },
      to: { path: '^agent/src/(renderer|renderer-audio|preload)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'tests-stay-tests',
      comment: 'what ships imports no test and no builder',
      severity: 'error',
      from: { path: '^(protocol|recording-log|node-kit|hub|worker|agent|tv)/src/' },
      to: { path: '/(test|testing)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(node_modules|^build/|^data/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
    },
  },
}
