import type { Interactions } from '../datasets/interactions.ts'
import type { NeuMfShape, NeuMfVariant, NeuMfWeights } from './neu-mf.ts'
import { type NeuMfTrainingOptions, type TrainingEnvironment, trainNeuMf } from './train-neu-mf.ts'

/**
 * Weights of NeuMF to go on from: GMF and MLP, each trained alone, joined with equal say (He et al. 2017, section 3.4.1).
 *
 * With sampled softmax and averaged weights it does not pay, and is off by default: on ml-100k's validation part NDCG@10 is .075 after 8
 * epochs of each part and .073 after 15, against .084 without (all without `historyHalfLife`).
 *
 * @param epochs of each part
 * @throws AppError as `trainNeuMf`
 */
export async function preTrainNeuMf(
  interactions: Interactions,
  shape: NeuMfShape,
  epochs: number,
  options: NeuMfTrainingOptions,
  environment: TrainingEnvironment,
): Promise<NeuMfWeights> {
  const trainPart = async (variant: NeuMfVariant): Promise<NeuMfWeights> => {
    // Epochs of the parts are none of the network's own.
    const { checkpointFile, label, onEpoch, ...rest } = environment
    const trained = await trainNeuMf(
      interactions,
      undefined,
      { ...shape, variant },
      { ...options, epochs },
      {
        ...rest,
        label: `${label}, ${variant} alone`,
        ...(checkpointFile !== undefined && { checkpointFile: `${checkpointFile}.${variant}` }),
      },
    )
    return trained.weights
  }
  return joinParts(shape, await trainPart('gmf'), await trainPart('mlp'))
}

/** A NeuMF whose score is the mean of the scores of its parts (equation 13 with α = ½). */
export function joinParts(shape: NeuMfShape, gmf: NeuMfWeights, mlp: NeuMfWeights): NeuMfWeights {
  const itemBias = gmf.parameters.itemBias!.map((bias, item) => (bias + mlp.parameters.itemBias![item]!) / 2)
  const halved = (values: Float32Array | undefined): Float32Array => values!.map((value) => value / 2)
  const outputs = { outputGmf: halved(gmf.parameters.outputGmf), outputMlp: halved(mlp.parameters.outputMlp) }
  return { shape, parameters: { ...gmf.parameters, ...mlp.parameters, itemBias, ...outputs } }
}
