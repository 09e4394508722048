import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { schemaHashOf } from '../features/definitions/index.ts'
import { openOnlineStore } from '../features/store/open-online-store.ts'
import type { Logger } from '../log.ts'
import { openRegistry } from '../models/registry/open-registry.ts'
import { createApp } from './app.ts'
import { EventIntake } from './events/event-intake.ts'
import { EventLog } from './events/event-log.ts'
import { checkExposure } from './http/authenticate.ts'
import type { ServiceContext } from './http/context.ts'
import { fastServer } from './http/fast-server.ts'
import { defaultPatience, type Patience } from './http/patience.ts'
import { LiveCatalogue } from './recommend/live-catalogue.ts'
import { Recommender } from './recommend/recommend.ts'
import { GuardedStore } from './runtime/guarded-store.ts'
import { LastChampions } from './runtime/last-champions.ts'
import { ModelOverviewReader } from './runtime/model-overview.ts'
import { ModelStore } from './runtime/model-store.ts'
import { openScorer } from './runtime/open-scorer.ts'
import { ReopeningRegistry } from './runtime/reopening-registry.ts'

/** After a signal to stop, requests are still answered for so long, each with `connection: close`, while balancers look elsewhere. */
const graceMs = 500
/** How long requests under way may then take to finish. */
const drainMs = 8000

export interface ServiceOptions {
  readonly log: Logger
  /** Seconds since 1970, UTC; for tests. */
  readonly clock?: () => number
  readonly mostInFlight?: number
  /** With clients; for tests. */
  readonly patience?: Patience
  /** A registry or store that has not answered by then is waited for while the service already answers; 10 s by default. */
  readonly startWaitMs?: number
}

export interface RunningService {
  readonly url: string
  /** Stops taking requests, lets those under way finish (8 s at most), and closes all stores. */
  close(): Promise<void>
}

/**
 * Loads the champions and the catalogue, and listens.
 *
 * Missing models, an empty store, a Redis or an MLflow that is away do not keep it from starting: `/readyz` says what is missing, and it
 * is picked up as soon as it is there. Without its MLflow it serves the champions that it served last.
 *
 * @throws AppError CONFIG_INVALID when the address is public and there are no API keys, or the port is taken
 */
export async function startService(config: Config, options: ServiceOptions): Promise<RunningService> {
  checkExposure(config)
  const { log, clock = () => Date.now() / 1000, startWaitMs = 10_000 } = options
  const stopping = new AbortController()
  const registry = new ReopeningRegistry(() => openRegistry(config, log, stopping.signal))
  const lastChampions =
    config.mlflow === undefined ? undefined : new LastChampions(join(config.registryDir, 'last-champions.json'), log)
  const models = new ModelStore({
    registry,
    openScorer,
    schemaHash: schemaHashOf,
    lastChampions,
    log,
    stopping: stopping.signal,
  })
  const store = new GuardedStore(() => openOnlineStore(config, log), log)
  const live = new LiveCatalogue(store, log, clock)
  const eventLog = new EventLog(config.eventsDir, clock)
  const intake = new EventIntake({ eventsDir: config.eventsDir, eventLog, store, live, clock, log })
  let phase: ReturnType<ServiceContext['phase']> = 'starting'
  const context: ServiceContext = {
    models,
    overview: new ModelOverviewReader(registry, models),
    store,
    live,
    recommender: new Recommender(models, store, live, clock),
    intake,
    clock,
    phase: () => phase,
  }
  const { mostInFlight, patience = defaultPatience } = options
  const app = createApp(context, {
    config,
    log,
    version,
    patience,
    ...(mostInFlight === undefined ? {} : { mostInFlight }),
  })

  const server = fastServer(app, patience)
  await listen(server, config)

  const closeStores = async (): Promise<void> => {
    // What the registry's server has not answered by now, nobody waits for.
    stopping.abort()
    await intake.close()
    await models.close()
    await store.close()
    await registry.close()
  }
  await models.recall()
  await Promise.race([Promise.all([models.poll(), live.poll()]), delay(startWaitMs, undefined, { ref: false })])
  await intake.recover()
  const timer = setInterval(() => {
    void models.poll()
    void live.poll().then(() => intake.settle())
  }, config.modelPollSeconds * 1000)

  phase = 'serving'
  const url = urlOf(server, config.host)
  log.info({ url }, 'listening')

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    phase = 'draining'
    clearInterval(timer)
    await delay(graceMs)
    await drain(server)
    await closeStores()
    log.info('stopped')
  }
  return {
    url,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `PORT ${port} on ${host} is taken. Set PORT to a free one, or 0 to have one picked`
          : `Cannot listen on ${host}:${port}: ${error.message}. Set HOST and PORT`
      reject(new AppError('CONFIG_INVALID', `${why}.`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${shown.includes(':') && !shown.startsWith('[') ? `[${shown}]` : shown}:${port}`
}

/** Closes the server: idle connections at once, the others when their answer is sent or the time is up. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timeUp = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(timeUp)
      resolve()
    })
    server.closeIdleConnections()
  })
}
