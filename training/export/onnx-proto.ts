import type { PbfWriter } from 'pbf'
import { AppError } from '../../errors.ts'
import type { OnnxAttribute, OnnxConstant, OnnxDomain, OnnxDtype, OnnxModel, OnnxNode, OnnxPort } from './onnx-graph.ts'

// Field numbers and enum values of onnx.proto (https://github.com/onnx/onnx/blob/v1.14.0/onnx/onnx.proto),
// only the messages that a graph of standard operators needs.

const irVersion = 8
const opsetVersions: Readonly<Record<OnnxDomain, number>> = { '': 17, 'ai.onnx.ml': 3 }
const dataTypes: Readonly<Record<OnnxDtype, number>> = { float32: 1, int32: 6, int64: 7 }
const attributeTypes = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const

/** Writes a ModelProto. */
export function writeModel(model: OnnxModel, to: PbfWriter): void {
  to.writeVarintField(1, irVersion)
  to.writeStringField(2, 'contentflow')
  to.writeMessage(7, writeGraph, model)
  for (const domain of new Set(['' as const, ...model.nodes.map((node) => node.domain)])) {
    to.writeMessage(8, writeOperatorSet, domain)
  }
}

function writeOperatorSet(domain: OnnxDomain, to: PbfWriter): void {
  to.writeStringField(1, domain)
  to.writeVarintField(2, opsetVersions[domain])
}

function writeGraph(model: OnnxModel, to: PbfWriter): void {
  for (const node of model.nodes) to.writeMessage(1, writeNode, node)
  to.writeStringField(2, model.name)
  for (const constant of model.constants) to.writeMessage(5, writeTensor, constant)
  for (const input of model.inputs) to.writeMessage(11, writeValueInfo, input)
  for (const output of model.outputs) to.writeMessage(12, writeValueInfo, output)
}

function writeNode(node: OnnxNode, to: PbfWriter): void {
  for (const input of node.inputs) to.writeStringField(1, input)
  for (const output of node.outputs) to.writeStringField(2, output)
  to.writeStringField(3, node.outputs[0] ?? node.operator)
  to.writeStringField(4, node.operator)
  for (const attribute of Object.entries(node.attributes)) to.writeMessage(5, writeAttribute, attribute)
  if (node.domain !== '') to.writeStringField(7, node.domain)
}

function writeAttribute([name, value]: readonly [string, OnnxAttribute], to: PbfWriter): void {
  to.writeStringField(1, name)
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) {
      throw new AppError('INTERNAL', `ONNX attribute ${name} is ${value}; write { float: ${value} } for a float.`)
    }
    to.writeVarintField(3, value)
    to.writeVarintField(20, attributeTypes.int)
  } else if (typeof value === 'string') {
    to.writeBytesField(4, new TextEncoder().encode(value))
    to.writeVarintField(20, attributeTypes.string)
  } else if ('float' in value) {
    to.writeFloatField(2, value.float)
    to.writeVarintField(20, attributeTypes.float)
  } else if ('floats' in value) {
    to.writePackedFloat(7, [...value.floats])
    to.writeVarintField(20, attributeTypes.floats)
  } else if ('strings' in value) {
    const encoder = new TextEncoder()
    for (const item of value.strings) to.writeBytesField(9, encoder.encode(item))
    to.writeVarintField(20, attributeTypes.strings)
  } else {
    for (const item of value) to.writeVarintField(8, item)
    to.writeVarintField(20, attributeTypes.ints)
  }
}

function writeTensor(constant: OnnxConstant, to: PbfWriter): void {
  for (const length of constant.shape) to.writeVarintField(1, length)
  to.writeVarintField(2, dataTypes[constant.dtype])
  to.writeStringField(8, constant.name)
  // Raw data is little-endian, as is every machine that Node runs on.
  const { buffer, byteOffset, byteLength } = constant.data
  to.writeBytesField(9, new Uint8Array(buffer, byteOffset, byteLength))
}

function writeValueInfo(port: OnnxPort, to: PbfWriter): void {
  to.writeStringField(1, port.name)
  to.writeMessage(2, writeType, port)
}

function writeType(port: OnnxPort, to: PbfWriter): void {
  to.writeMessage(1, writeTensorType, port)
}

function writeTensorType(port: OnnxPort, to: PbfWriter): void {
  to.writeVarintField(1, dataTypes[port.dtype])
  to.writeMessage(2, writeShape, port.shape)
}

function writeShape(shape: readonly number[], to: PbfWriter): void {
  for (const length of shape) to.writeMessage(1, writeDimension, length)
}

/** A free dimension has no name: dimensions of one name would be taken to be equal, and free ones need not be. */
function writeDimension(length: number, to: PbfWriter): void {
  if (length !== -1) to.writeVarintField(1, length)
}
