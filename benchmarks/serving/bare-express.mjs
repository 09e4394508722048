// The reference: Express as everyone writes it, one route, a constant of the given size. Arguments: bytes of JSON.
import express from 'express'

const size = Number(process.argv[2])
const shell = JSON.stringify({ filler: '' }).length
const answer = { filler: 'x'.repeat(Math.max(0, size - shell)) }
const app = express()
app.get('/v1/users/:id/recommendations', (_request, response) => {
  response.json(answer)
})
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
