import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ServiceContext } from './context.ts'

/** What Prometheus scrapes; each service has a registry of its own. */
export class ServiceMetrics {
  readonly #registry = new Registry()
  readonly #latency: Histogram<'method' | 'route' | 'status'>
  readonly #fallbacks: Counter<'route' | 'reason'>
  readonly #inFlight: Gauge
  readonly #shed: Counter

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    this.#latency = new Histogram({
      name: 'contentflow_http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer, by route template and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    })
    this.#fallbacks = new Counter({
      name: 'contentflow_fallbacks_total',
      help: 'Answers that were not what was asked for, by reason',
      labelNames: ['route', 'reason'],
      registers,
    })
    this.#inFlight = new Gauge({ name: 'contentflow_requests_in_flight', help: 'Requests under way', registers })
    this.#shed = new Counter({
      name: 'contentflow_requests_shed_total',
      help: 'Requests refused as too many',
      registers,
    })
  }

  observe(method: string, route: string, status: number, seconds: number, fallback: string | undefined): void {
    this.#latency.labels(method, route, String(status)).observe(seconds)
    if (fallback !== undefined) this.#fallbacks.labels(route, fallback).inc()
  }

  setInFlight(count: number): void {
    this.#inFlight.set(count)
  }

  countShed(): void {
    this.#shed.inc()
  }

  /** Adds what the service knows of its models and data, read at each scrape. */
  watch({ models, store, live, clock }: ServiceContext): void {
    const registers = [this.#registry]
    new Gauge({
      name: 'contentflow_model_version',
      help: 'Version that serves, by model; 0 when none does',
      labelNames: ['model'] as const,
      registers,
      collect() {
        for (const { name, serving } of models.status()) this.labels(name).set(serving ?? 0)
      },
    })
    new Gauge({
      name: 'contentflow_model_refused',
      help: '1 when the newest version does not serve because it was refused, as damaged or by the gate',
      labelNames: ['model'] as const,
      registers,
      collect() {
        for (const { name, refused, standIn } of models.status()) {
          this.labels(name).set(refused === null && standIn === null ? 0 : 1)
        }
      },
    })
    new Gauge({
      name: 'contentflow_model_stand_in_version',
      help: 'Without a champion: the refused version whose neighbour lists answer in its place; else 0',
      labelNames: ['model'] as const,
      registers,
      collect() {
        for (const { name, standIn } of models.status()) this.labels(name).set(standIn?.version ?? 0)
      },
    })
    new Gauge({
      name: 'contentflow_feature_age_seconds',
      help: 'Time since the moment that the online features describe, by view',
      labelNames: ['view'] as const,
      registers,
      async collect() {
        for (const view of (await store.tryRead((open) => open.freshness())) ?? []) {
          this.labels(view.view).set(Math.max(0, clock() - view.asOf))
        }
      },
    })
    new Gauge({
      name: 'contentflow_online_store_up',
      help: '1 while the online store answers',
      registers,
      collect() {
        this.set(store.error === undefined ? 1 : 0)
      },
    })
    new Gauge({
      name: 'contentflow_catalogue_contents',
      help: 'Contents that may be recommended',
      registers,
      collect() {
        this.set(live.view.catalogue.cards.length)
      },
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
