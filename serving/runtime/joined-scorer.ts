import type { Scorer, Tensor, Tensors } from '../../models/scorer.ts'

interface Waiting {
  readonly inputs: Tensors
  readonly rows: number
  readonly resolve: (outputs: Tensors) => void
  readonly reject: (error: unknown) => void
}

/**
 * A scorer that runs what was asked during one turn of the event loop together: most of what a single row costs is the run itself, so
 * sixteen at once cost little more than one. Nobody waits for others to come.
 *
 * @param scorer  of a network whose rows do not depend on each other; all inputs and outputs have the rows as their first axis
 * @param mostRows of a joint run; longer batches run by themselves
 */
export function joinedScorer(scorer: Scorer, mostRows: number): Scorer {
  let waiting: Waiting[] = []
  const runAll = (): void => {
    const all = waiting
    waiting = []
    for (const group of groupsOf(all, mostRows)) void runTogether(scorer, group)
  }
  return {
    score: (inputs) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(runAll)
        waiting.push({ inputs, rows: Object.values(inputs)[0]?.shape[0] ?? 0, resolve, reject })
      }),
    close: () => scorer.close(),
  }
}

function groupsOf(all: readonly Waiting[], mostRows: number): Waiting[][] {
  const groups: Waiting[][] = []
  let room = 0
  for (const one of all) {
    if (one.rows > room) {
      groups.push([])
      room = mostRows
    }
    groups.at(-1)!.push(one)
    room -= one.rows
  }
  return groups
}

async function runTogether(scorer: Scorer, group: readonly Waiting[]): Promise<void> {
  if (group.length === 1) {
    const [{ inputs, resolve, reject }] = group as [Waiting]
    await scorer.score(inputs).then(resolve, reject)
    return
  }
  try {
    const outputs = await scorer.score(joined(group))
    let from = 0
    for (const { rows, resolve } of group) {
      resolve(rowsOf(outputs, from, rows))
      from += rows
    }
  } catch {
    // Whoever's inputs are wrong hears of it, and nobody else.
    await Promise.all(group.map(({ inputs, resolve, reject }) => scorer.score(inputs).then(resolve, reject)))
  }
}

function joined(group: readonly Waiting[]): Tensors {
  const rows = group.reduce((sum, one) => sum + one.rows, 0)
  const names = Object.keys(group[0]!.inputs)
  return Object.fromEntries(
    names.map((name) => [
      name,
      joinedTensor(
        group.map(({ inputs }) => inputs[name]!),
        rows,
      ),
    ]),
  )
}

function joinedTensor(parts: readonly Tensor[], rows: number): Tensor {
  const [first] = parts
  const size = parts.reduce((sum, { data }) => sum + data.length, 0)
  const data = first!.data instanceof Float32Array ? new Float32Array(size) : new Int32Array(size)
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return { shape: [rows, ...first!.shape.slice(1)], data }
}

const rowsOf = (outputs: Tensors, from: number, rows: number): Tensors =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, data }]) => {
      const width = data.length / shape[0]!
      return [name, { shape: [rows, ...shape.slice(1)], data: data.subarray(from * width, (from + rows) * width) }]
    }),
  )
