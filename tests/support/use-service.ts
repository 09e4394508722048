import { afterAll, beforeAll } from 'vitest'
import type { ModelName } from '../../models/artifact/manifest.ts'
import { createServiceWorld, type ServiceWorld, type TestService } from './service-world.ts'

/**
 * One world and one service over it for all tests of a file: both are there from the first test (or later `beforeAll`) on, and gone
 * after the last.
 *
 * @param models the champions there are; all of them by default
 * @param env    settings of the service beside the data folder and the port
 */
export function useService(
  models?: readonly ModelName[],
  env?: Readonly<Record<string, string>>,
): { readonly world: ServiceWorld; readonly service: TestService } {
  let world: ServiceWorld | undefined
  let service: TestService | undefined
  beforeAll(async () => {
    world = await createServiceWorld(models)
    service = await world.start(env)
  })
  afterAll(async () => {
    await service?.close()
    await world?.remove()
  })
  return { world: later(() => world!), service: later(() => service!) }
}

/** Stands for an object that is made later. */
const later = <T extends object>(made: () => T): T =>
  new Proxy({} as T, { get: (_, key): unknown => Reflect.get(made(), key) })
