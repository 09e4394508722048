// One worker of a KernelPool: takes rows from the shared counter until there are none left. Plain JavaScript, so that it starts without a loader.
import { parentPort, workerData } from 'node:worker_threads'

const { module, memory, counterAt, scratchAt } = workerData
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
const counter = new Int32Array(memory.buffer, counterAt, 1)

parentPort.on('message', ({ kernel, count, chunk, args }) => {
  for (let from = Atomics.add(counter, 0, chunk); from < count; from = Atomics.add(counter, 0, chunk)) {
    exports[kernel](from, Math.min(from + chunk, count), scratchAt, ...args)
  }
  parentPort.postMessage(null)
})
