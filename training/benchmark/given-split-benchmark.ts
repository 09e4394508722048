import { type GivenSplit, joinSplit, withHeldOut } from '../datasets/given-split.ts'
import { itemContent, listedItems, openItemContentFile } from '../datasets/item-content-file.ts'
import { readSequenceFile } from '../datasets/sequence-file.ts'
import type { BenchmarkSplit } from './fit-and-judge.ts'

export interface GivenFiles {
  readonly train: string
  readonly valid: string | undefined
  readonly test: string
  /** The catalogue: what is known of the items, for content models; all of them are ranked. */
  readonly items: string | undefined
}

/** A split that somebody published, and how many of its held-out pairs nobody can be judged by. */
export type OpenedSplit = BenchmarkSplit & Pick<GivenSplit, 'unjudged'>

/** @throws AppError INPUT_INVALID for a file, naming the line */
export async function openGivenSplit(files: GivenFiles): Promise<OpenedSplit> {
  const [train, valid, test] = await Promise.all([
    readSequenceFile(files.train),
    files.valid === undefined ? undefined : readSequenceFile(files.valid),
    readSequenceFile(files.test),
  ])
  const items = files.items === undefined ? undefined : await openItemContentFile(files.items)
  const split = joinSplit(train, valid, test, items === undefined ? [] : listedItems(items))
  const whole = split.validation === undefined ? split.train : withHeldOut(split.train, split.validation)
  return { ...split, whole, content: items && itemContent(items, whole.items) }
}
