/**
 * A metric's name as every tracker takes it: MLflow knows letters, digits and `_ - . : /` only, so `ndcg@10` becomes `ndcg_at_10`.
 *
 * @param name any text; a `/` starts a chart group
 */
export const metricName = (name: string): string =>
  name
    .replaceAll('@', '_at_')
    .replaceAll('%', '_percent')
    .replace(/[^\p{L}\p{N}_\-.:/]+/gu, '_')
    .replace(/\/{2,}/g, '/')
    .replace(/^\/|\/$/g, '')
