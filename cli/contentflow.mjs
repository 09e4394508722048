#!/usr/bin/env node
// The `contentflow` command runs the TypeScript sources as they are, in a clone and in the container alike.
import { register } from 'tsx/esm/api'

register()
await import('./main.ts')
