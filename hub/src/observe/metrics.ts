import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  readonly records: Counter
  readonly finals: Counter
  readonly utteranceLag: Histogram
  readonly hangUpToDraft: Histogram
  readonly tickets: Counter
  readonly links: Gauge<'role'>
  /** Adds a figure whose value is computed at each reading of `/metrics`. */
  show(name: string, help: string, value: () => number): void
  stop(): void
}

/** Creates the figures of `/metrics`. Each is counted where it happens; none is estimated. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    records: new Counter({
      name: 'hub_records_total',
      help: 'Recording records received from agents',
      registers,
    }),
    finals: new Counter({ name: 'hub_finals_total', help: 'Final utterances stored', registers }),
    utteranceLag: new Histogram({
      name: 'hub_utterance_lag_seconds',
      help: 'End of sound to final text, as the worker measured it',
      buckets: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30],
      registers,
    }),
    hangUpToDraft: new Histogram({
      name: 'hub_hang_up_to_draft_seconds',
      help: 'Hang-up to proposed draft',
      buckets: [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60],
      registers,
    }),
    tickets: new Counter({ name: 'hub_tickets_total', help: 'Tickets filed', registers }),
    links: new Gauge({
      name: 'hub_links',
      help: 'Connected agents, workers and wallboards',
      labelNames: ['role'],
      registers,
    }),
    show(name, help, value) {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(value()) })
    },
    stop: () => registry.clear(),
  }
}
