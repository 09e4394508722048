// Entry of the scoring thread: registers the TypeScript loader, as the command itself does, and starts the worker.
import { register } from 'tsx/esm/api'

register()
await import('./scorer-worker.ts')
