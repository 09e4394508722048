import { silentLogger } from '../../log.ts'
import { silentProgress } from '../../progress.ts'
import type { FitEnvironment } from '../../training/families/family.ts'

/** The world around a fit in a test: quiet, never stopped, the same chance each time. */
export const fitEnvironment: FitEnvironment = {
  seed: 1,
  signal: new AbortController().signal,
  log: silentLogger,
  progress: silentProgress,
  label: 'test',
  backend: 'wasm',
}
