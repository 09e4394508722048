import { join } from 'node:path'
import type { FeatureService } from '../../features/definitions/feature-view.ts'
import { type TextEncoder, textEncoding } from '../../features/transforms/text-encoder.ts'
import { readArtifactJson, readManifest } from '../../models/artifact/read-artifact.ts'
import { readTextEncoder } from '../../models/payloads/read-text-encoder.ts'
import { type TabularFeatures, tabularFeaturesSchema, tabularFiles, textArray } from '../../models/payloads/tabular.ts'
import type { Tensor, Tensors } from '../../models/scorer.ts'
import { type FeatureTable, tabularInputs } from '../datasets/content-table.ts'
import { type TabularModel, type TabularModelInput, trainTabularModel } from '../networks/tabular-model.ts'
import { type TabularHead, tabularOnnx } from '../networks/tabular-onnx.ts'
import { declaredTexts, type TableWithTexts } from './draft-texts.ts'
import { environmentOf } from './environment-of.ts'
import type { JobContext, TrainedModel } from './job.ts'
import { tabularBackground } from './tabular-background.ts'
import { networkOf, type TabularNetworkConfig } from './tabular-config.ts'
import { tabularGolden, tabularInputSpecs } from './tabular-golden.ts'

/** Trains the network of a tabular job with its options, in its run. */
export const fitNetwork = (
  context: JobContext,
  config: Omit<TabularNetworkConfig, 'textDirections'>,
  job: {
    readonly name: string
    readonly kind: 'regression' | 'classification'
    /** Trees of many outputs would cost more than they bring: those of a headline are enough. */
    readonly treedOutputs?: number
  },
  data: Pick<
    TabularModelInput,
    'prepared' | 'rowCount' | 'outputs' | 'train' | 'valid' | 'past' | 'fitStart' | 'fitLinear'
  >,
): Promise<TabularModel> =>
  trainTabularModel(
    { ...data, ...networkOf(config, job.kind, data.train.rows.length, job.treedOutputs) },
    {
      ...environmentOf(context, job.name),
      checkpointFile: join(context.workDir, 'network.checkpoint'),
      onEpoch: (epoch, figures) => context.tracker.metrics(figures, epoch),
    },
  )

/** What the model reads and predicts, as `features.json` declares it. */
export const tabularFeatures = (
  { table, texts }: TableWithTexts,
  model: TabularModel,
  targets: TabularFeatures['targets'],
  definition: string,
): TabularFeatures => ({
  numeric: [...table.numericFields],
  categorical: table.categoricalFields.map((field, i) => ({
    ...field,
    vocabulary: [...model.prepared.vocabularies[i]!],
  })),
  texts: declaredTexts(texts),
  targets,
  definition,
})

/** The part of a trained model that all tabular jobs make alike; metrics, gate and report are their own. */
export function tabularResult(from: {
  readonly name: 'engagement' | 'virality' | 'revenue' | 'creator-revenue' | 'forecast' | 'churn'
  readonly service: FeatureService
  readonly manifest: Pick<TrainedModel['manifest'], 'backend' | 'synthetic' | 'data' | 'config'>
  readonly features: TabularFeatures
  readonly content: TableWithTexts
  readonly model: TabularModel
  readonly head: TabularHead
  /** What the exported graph says of rows of the table, by the trainer's own engine. */
  readonly outputs: (rows: Int32Array) => Tensors
  /** Rows of the table that the golden batch is drawn from. */
  readonly goldenRows: Int32Array
  /** Rows of the table that explanations are held against; see `tabularBackground`. */
  readonly backgroundRows: Int32Array
  /** Rows of the table on which another model of the kind is judged, and how. */
  readonly judgedRows: Int32Array
  readonly judge: (outputs: Tensors, features: TabularFeatures) => number
}): Pick<TrainedModel, 'network' | 'golden' | 'arrays' | 'json' | 'manifest' | 'evaluateOther'> {
  const { name, service, model, features } = from
  const { table, texts } = from.content
  const golden = tabularGolden(table, features, from.goldenRows, from.outputs)
  return {
    network: tabularOnnx(name, model, from.head),
    golden,
    arrays: {
      ...(texts === undefined ? {} : { [textArray]: tableOf(texts.encoder) }),
      ...tabularBackground(from.content, features, from.backgroundRows),
    },
    json: { [tabularFiles.features]: features },
    manifest: {
      ...from.manifest,
      featureService: { name: service.name, schemaHash: service.schemaHash },
      inputs: tabularInputSpecs(table),
      outputs: Object.entries(golden.outputs).map(([output, { shape }]) => ({
        name: output,
        dtype: 'float32',
        shape: [-1, ...shape.slice(1)],
      })),
    },
    evaluateOther: async (dir, scorer) => {
      const others = await readArtifactJson(dir, tabularFiles.features, tabularFeaturesSchema)
      const inputs = tabularInputs(
        table,
        others,
        from.judgedRows,
        await textsAsRead(dir, others, table, from.judgedRows),
      )
      return from.judge(await scorer.score(inputs), others)
    },
  }
}

const tableOf = ({ table, width }: TextEncoder): Tensor => ({ shape: [table.length / width, width], data: table })

/** What another model makes of the texts of some rows; undefined where it reads none. */
async function textsAsRead(
  dir: string,
  others: TabularFeatures,
  table: FeatureTable,
  rows: Int32Array,
): Promise<Float32Array | undefined> {
  const encoder = await readTextEncoder(dir, await readManifest(dir), others)
  if (encoder === undefined) return undefined
  return textEncoding(encoder)(others.texts!.fields.map((field) => Array.from(rows, (row) => table.texts[field][row]!)))
}
