// One worker of a KernelPool: takes rows from the shared counter until there are none left. Plain JavaScript, so that it starts without a loader.
import { parentPort, workerData } from 'node:worker_threads'

const { module, memory, turnAt, workers, scratchAt } = workerData
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
const turn = new Int32Array(memory.buffer, turnAt, 3)
const [nextRow, arrived, ended] = [0, 1, 2]
/** Looks at the others before it sleeps: some microseconds, as kernels end together. */
const looks = 2000

parentPort.on('message', (runs) => {
  for (const { kernel, count, chunk, args } of runs) {
    for (let from = Atomics.add(turn, nextRow, chunk); from < count; from = Atomics.add(turn, nextRow, chunk)) {
      exports[kernel](from, Math.min(from + chunk, count), scratchAt, ...args)
    }
    waitForOthers()
  }
  parentPort.postMessage(null)
})

/** The last to arrive sets the counters back and lets the others go on. */
function waitForOthers() {
  const kernel = Atomics.load(turn, ended)
  if (Atomics.add(turn, arrived, 1) === workers - 1) {
    Atomics.store(turn, arrived, 0)
    Atomics.store(turn, nextRow, 0)
    Atomics.add(turn, ended, 1)
    Atomics.notify(turn, ended)
    return
  }
  for (let look = 0; look < looks; look++) if (Atomics.load(turn, ended) !== kernel) return
  // Again and again: who was the last at the kernel before may have counted it and only now come to notify, which wakes sleepers of this one.
  while (Atomics.load(turn, ended) === kernel) Atomics.wait(turn, ended, kernel)
}
