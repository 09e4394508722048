import type { OnnxGraph, OnnxValue } from '../export/onnx-graph.ts'

/** Makes counts of what a network says of their growth; all depends on the age. */
export interface GrowthHead {
  readonly kind: 'growth'
  /** A ages, ascending, for which the tables below hold; between two of them lies a straight line. */
  readonly ages: readonly number[]
  /** Of the growth at each age, per output; `[A, T]`. */
  readonly mean: Float32Array
  readonly scale: Float32Array
  /** Added to the growth for the ends of the interval; `[A, T]`. */
  readonly lower: Float32Array
  readonly upper: Float32Array
  /** Column of `numeric` with the age, and for each output that with ln(1 + count so far). */
  readonly ageColumn: number
  readonly countColumns: readonly number[]
}

/** growth = max(0, scale·output + mean), count = (1 + count so far)·e^growth − 1; the ends of the interval alike. */
export function writeGrowthHead(graph: OnnxGraph, numeric: OnnxValue, output: OnnxValue, head: GrowthHead): void {
  const width = head.countColumns.length
  const columns = (name: string, its: readonly number[]): OnnxValue =>
    graph.node('Gather', [numeric, graph.constant(name, BigInt64Array.from(its, BigInt), [its.length])], { axis: 1 })
  const one = graph.constant('growth_one', Float32Array.of(1), [])
  const none = graph.constant('growth_none', Float32Array.of(0), [])
  const at = tablesByAge(graph, columns('age_column', [head.ageColumn]), head.ages, width)
  const growth = graph.node('Max', [
    graph.node('Add', [graph.node('Mul', [output, at('scale', head.scale)]), at('mean', head.mean)]),
    none,
  ])
  const soFar = columns('count_columns', head.countColumns)
  const write = (name: string, value: OnnxValue): void => {
    const log = graph.node('Add', [graph.node('Max', [value, none]), soFar])
    graph.output(name, graph.node('Sub', [graph.node('Exp', [log]), one]), 'float32', [-1, width])
  }
  write('prediction', growth)
  write('lower', graph.node('Add', [growth, at('lower', head.lower)]))
  write('upper', graph.node('Add', [growth, at('upper', head.upper)]))
}

/** Rows of tables `[A, T]` at an age: row₀ + Σₖ clip((age − ageₖ)/(ageₖ₊₁ − ageₖ), 0, 1)·(rowₖ₊₁ − rowₖ). */
function tablesByAge(graph: OnnxGraph, age: OnnxValue, ages: readonly number[], width: number) {
  const steps = ages.length - 1
  const row = (name: string, of: (k: number) => number): OnnxValue =>
    graph.constant(
      name,
      Float32Array.from({ length: steps }, (_, k) => of(k)),
      [1, steps],
    )
  const passed = graph.node('Clip', [
    graph.node('Mul', [
      graph.node('Sub', [age, row('age_from', (k) => ages[k]!)]),
      row('age_slope', (k) => 1 / (ages[k + 1]! - ages[k]!)),
    ]),
    graph.constant('age_low', Float32Array.of(0), []),
    graph.constant('age_high', Float32Array.of(1), []),
  ])
  return (name: string, table: Float32Array): OnnxValue => {
    const differences = Float32Array.from({ length: steps * width }, (_, i) => table[i + width]! - table[i]!)
    return graph.node('Add', [
      graph.node('MatMul', [passed, graph.constant(`${name}_steps`, differences, [steps, width])]),
      graph.constant(`${name}_first`, table.slice(0, width), [1, width]),
    ])
  }
}
