/** Settings that stand for a whole training: time grows with epochs, and what an epoch costs is the question. */
export const familySettings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ials: { embeddingSize: 64, epochs: 3 },
  spectral: {},
  'two-tower': { epochs: 1 },
}
