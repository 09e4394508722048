import { once } from 'node:events'
import { connect } from 'node:net'

/** Writes a text to a server, whatever HTTP thinks of it. @returns all that comes until the server closes the connection */
export async function answerTo(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    answer += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}
