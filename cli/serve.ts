import { once } from 'node:events'
import { Command, InvalidArgumentError } from 'commander'
import { action } from './command.ts'

interface ServeFlags {
  readonly port?: number
  readonly host?: string
}

/** `contentflow serve`: the REST service and its page. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve recommendations and predictions over HTTP, with a page to click through')
    .option('--port <number>', 'TCP port, 0 picks a free one (default: PORT, else 8080)', parsePort)
    .option('--host <address>', 'address to listen on (default: HOST, else 127.0.0.1)')
    .addHelpText(
      'after',
      `
Examples:
  contentflow serve                                   on http://127.0.0.1:8080, for this machine only
  contentflow serve --port 9000
  API_KEYS=secret contentflow serve --host 0.0.0.0    for other machines: a key is needed then
  curl 'http://127.0.0.1:8080/v1/users/user-1/recommendations?limit=5'

New champions and newly materialised features are picked up while it runs. SIGTERM and SIGINT let the requests under way finish.`,
    )
    .action(
      action(async ({ config, log, print, signal }, flags: ServeFlags) => {
        // Loaded here, so that no other command waits for onnxruntime.
        const { startService } = await import('../serving/main.ts')
        const service = await startService(
          { ...config, port: flags.port ?? config.port, host: flags.host ?? config.host },
          { log },
        )
        print(`ContentFlow serves on ${service.url}  (docs: ${service.url}/docs, stop: Ctrl+C)`)
        if (!signal.aborted) await once(signal, 'abort')
        await service.close()
      }),
    )
}

function parsePort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('Expected an integer from 0 to 65535.')
}
