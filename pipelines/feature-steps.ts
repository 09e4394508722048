import { openMartSource } from '../features/sources/open-mart-source.ts'
import { buildFeatures, type ViewBuild } from '../features/store/build-features.ts'
import { type MaterialiseResult, materialise } from '../features/store/materialise.ts'
import type { PipelineContext } from './pipeline-context.ts'

type FeatureContext = Pick<PipelineContext, 'config' | 'log' | 'progress' | 'signal'>

/** Brings the offline snapshots up to date with the warehouse. @throws AppError see `buildFeatures` */
export async function buildStep({ config, ...rest }: FeatureContext): Promise<readonly ViewBuild[]> {
  const source = await openMartSource(config)
  try {
    return await buildFeatures({ source, dir: config.featuresDir, ...config.duckdb, ...rest })
  } finally {
    await source.close()
  }
}

/** Publishes the latest snapshots to the online store. @throws AppError see `materialise` */
export async function publishStep(context: FeatureContext): Promise<MaterialiseResult> {
  const source = await openMartSource(context.config)
  try {
    return await materialise({ source, ...context })
  } finally {
    await source.close()
  }
}
