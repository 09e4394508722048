import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fastServer } from '../../../serving/http/fast-server.ts'
import { defaultPatience } from '../../../serving/http/patience.ts'
import { answerTo } from '../../support/answer-to.ts'

const patience = {
  ...defaultPatience,
  headersTimeout: 200,
  requestTimeout: 400,
  connectionsCheckingInterval: 50,
  idleMs: 800,
}
let server: Server
let url: string

beforeAll(async () => {
  const app = express()
  app.post('/echo', express.raw({ type: () => true }), (request, response) => {
    response.end(request.body)
  })
  app.get('/much', (_request, response) => {
    response.end(Buffer.alloc(50_000_000))
  })
  server = fastServer(app, patience)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const timedOut = /^HTTP\/1.1 408 Request Timeout.*problem\+json.*Expected the headers within 0.2 and the whole/s

describe('a client that takes its time', () => {
  it('with its headers is told to go', async () => {
    expect(await answerTo(url, 'GET /echo HTTP/1.1\r\nhost: x\r\n')).toMatch(timedOut)
  })

  it('with its body is told to go, be its length known or not', async () => {
    const head = 'POST /echo HTTP/1.1\r\nhost: x\r\n'
    expect(await answerTo(url, `${head}content-length: 9\r\n\r\nabc`)).toMatch(timedOut)
    expect(await answerTo(url, `${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`)).toMatch(timedOut)
  })

  it('and says nothing at all is let go', async () => {
    expect(await answerTo(url, '')).not.toContain('200')
  })

  it('with reading its answer loses the connection', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write('GET /much HTTP/1.1\r\nhost: x\r\n\r\n')
    const connections = () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
    await expect.poll(connections).toBe(1)
    await expect.poll(connections, { timeout: 10_000 }).toBe(0)
    socket.destroy()
  })
})
