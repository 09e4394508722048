import { type InputGroup, inputGroupOf } from '../../features/transforms/input-groups.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'

/** Which input, as a person would name it, each column of a tabular model's inputs derives from. */
export interface GroupedColumns {
  readonly groups: readonly InputGroup[]
  /** `[F]`: index of the group; −1 for a column of the source `text`, which is a sum over the groups in `texts`. */
  readonly numeric: Int32Array
  /** `[C]` */
  readonly categorical: Int32Array
  /** Of each text that is read. */
  readonly texts: Int32Array
}

/** Groups the columns of a model. */
export function groupedColumns({ numeric, categorical, texts }: TabularFeatures): GroupedColumns {
  const groups: InputGroup[] = []
  const ofDraft = [...numeric, ...categorical].some(({ source }) => source === 'draft')
  const indexOf = (group: InputGroup): number => {
    if (!groups.includes(group)) groups.push(group)
    return groups.indexOf(group)
  }
  const groupIndex = ({ name, source }: Pick<TabularFeatures['numeric'][number], 'name' | 'source'>): number =>
    source === 'text' ? -1 : indexOf(inputGroupOf(source, name, ofDraft))
  return {
    numeric: Int32Array.from(numeric, groupIndex),
    categorical: Int32Array.from(categorical, groupIndex),
    texts: Int32Array.from(texts?.fields ?? [], indexOf),
    groups,
  }
}
