import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createRandom, type Random } from '../../../training/backend/random.ts'
import { firstAbove } from '../../../training/datasets/first-above.ts'

export interface ScaleWorld {
  readonly users: number
  readonly items: number
  /** In all, the held-out ones included. */
  readonly interactions: number
}

/** Whose last item is held out, at most. */
const judgedUsers = 2000
/** Subjects that items belong to; a person likes three. */
const subjects = 200
/** Share of a history that is of the subjects that the person likes. */
const tasteShare = 0.75

/**
 * Writes a world as the lines `user item item…` of a published split: the popularity of items falls as in Zipf's law, a person's items are
 * mostly of three subjects, and some have ten times as many as others. Nobody has an item twice. The same sizes give the same files.
 */
export async function writeInteractions(
  { users, items, interactions }: ScaleWorld,
  trainFile: string,
  testFile: string,
): Promise<void> {
  const random = createRandom(20)
  const catalogue = drawCatalogue(items, random)
  const train = createWriteStream(trainFile)
  const test = createWriteStream(testFile)
  const hadBy = new Int32Array(items).fill(-1)
  let left = interactions
  for (let user = 0; user < users; user++) {
    const length = lengthOf(left / (users - user), items, random)
    left -= length
    const liked = [random.int(subjects), random.int(subjects), random.int(subjects)]
    const list: number[] = []
    for (let tries = 0; list.length < length && tries < 20 * length; tries++) {
      const of = random.uniform() < tasteShare ? catalogue.bySubject[liked[random.int(3)]!]! : catalogue.all
      const item = of.items[firstAbove(of.cumulative, random.uniform())]!
      if (hadBy[item] === user) continue
      hadBy[item] = user
      list.push(item)
    }
    if (user % Math.ceil(users / judgedUsers) === 0 && list.length > 1) test.write(`${user} ${list.pop()}\n`)
    if (!train.write(`${user} ${list.join(' ')}\n`)) await once(train, 'drain')
  }
  await Promise.all([train, test].map((file) => new Promise((done) => file.end(done))))
}

/** How many items somebody has: at least 5, three quarters of the mean for most, many times it for a few; the mean is kept to. */
function lengthOf(mean: number, items: number, random: Random): number {
  // Pareto with shape 2: its mean is twice its least value.
  const drawn = (mean / 2) * (1 - random.uniform()) ** -0.5
  return Math.max(5, Math.min(Math.round(drawn), 10 * Math.round(mean), items >> 2))
}

/** Items with their share of the draws, summed up. */
interface Draw {
  readonly items: Int32Array
  readonly cumulative: Float64Array
}

function drawCatalogue(items: number, random: Random): { all: Draw; bySubject: readonly Draw[] } {
  const order = Int32Array.from({ length: items }, (_, item) => item)
  random.shuffle(order)
  const weights = new Float64Array(items)
  for (const [rank, item] of order.entries()) weights[item] = (rank + 20) ** -0.9
  const subjectOf = Int32Array.from({ length: items }, () => random.int(subjects))
  const drawOf = (chosen: Int32Array): Draw => {
    let sum = 0
    const total = chosen.reduce((all, item) => all + weights[item]!, 0)
    return { items: chosen, cumulative: Float64Array.from(chosen, (item) => (sum += weights[item]! / total)) }
  }
  return {
    all: drawOf(order),
    bySubject: Array.from({ length: subjects }, (_, subject) =>
      drawOf(order.filter((item) => subjectOf[item] === subject)),
    ),
  }
}
