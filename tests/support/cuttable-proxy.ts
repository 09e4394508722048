import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy in front of a real server, which a test can cut and mend. */
export class CuttableProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #port: number

  constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.#port = (server.address() as AddressInfo).port
  }

  static async open(target: string): Promise<CuttableProxy> {
    const { hostname, port } = new URL(target)
    const sockets = new Set<Socket>()
    const server = createServer((client) => {
      const upstream = connect(Number(port), hostname)
      for (const socket of [client, upstream]) {
        sockets.add(socket)
        socket
          .on('error', () => undefined)
          .on('close', () => {
            sockets.delete(socket)
            client.destroy()
            upstream.destroy()
          })
      }
      client.pipe(upstream).pipe(client)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new CuttableProxy(server, sockets)
  }

  get uri(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Breaks all connections; new ones are refused. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async mend(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
  }
}
