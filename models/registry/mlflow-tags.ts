import { randomUUID } from 'node:crypto'
import type { ModelVersion as StoredVersion, Tag } from '#mlflow-client'
import { AppError } from '../../errors.ts'
import { auditEntrySchema, tryJson } from './audit.ts'
import type { StoredArtifact } from './mlflow-artifacts.ts'
import type { AuditEntry } from './model-registry.ts'

/** The manifest's sha256: what MLflow holds must still hash to it. */
export const manifestTag = 'contentflow.manifest_sha256'
/** An id of ours, by which a version is found when the answer to its creation was lost. */
export const registrationTag = 'contentflow.registration'
const auditPrefix = 'contentflow.audit.'

export const tagOf = ({ tags = [] }: StoredVersion, key: string): string | undefined =>
  tags.find((tag) => tag.key === key)?.value

/** @throws AppError ARTIFACT_INVALID for a version that somebody else's program made */
export function storedArtifact(found: StoredVersion): StoredArtifact {
  const manifestSha256 = tagOf(found, manifestTag)
  // The server does not give the model's id back, only the source it was made from.
  const modelId = /^models:\/(m-[\w-]+)$/.exec(found.source ?? '')?.[1]
  if (modelId !== undefined && manifestSha256 !== undefined) return { modelId, manifestSha256 }
  throw new AppError(
    'ARTIFACT_INVALID',
    `Version ${found.version} of ${found.name} was not registered by ContentFlow: it has no tag ${manifestTag}. Point the alias at another version.`,
  )
}

/** Keys sort by time; the random end keeps two entries of one millisecond apart. */
export const auditTag = (entry: AuditEntry): Tag => ({
  key: `${auditPrefix}${entry.at}.${randomUUID().slice(0, 8)}`,
  value: JSON.stringify(entry),
})

/** The audit lines in the tags of a version; a tag that is not one is left out. */
export function auditEntries({ tags = [] }: StoredVersion): AuditEntry[] {
  return tags
    .filter(({ key }) => key.startsWith(auditPrefix))
    .flatMap(({ value }) => {
      const parsed = auditEntrySchema.safeParse(tryJson(value))
      return parsed.success ? [parsed.data] : []
    })
}
