#!/usr/bin/env node
// The `contentflow` command runs the TypeScript sources as they are, in a clone and in the container alike.
import process from 'node:process'
import { register } from 'tsx/esm/api'

// A parent that keeps a channel has gone: stop as if it had said so. Nothing else comes by the channel, so nothing waits for it.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()

register()
await import('./main.ts')
