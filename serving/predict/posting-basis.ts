import type { PostingTime } from '../../models/payloads/posting-time.ts'

/**
 * What an estimate rests on, in words.
 *
 * @param known whether it is of a creator; else of everyone, for one that the model does not know
 */
export function basisText(
  { basis, posts, platform, category }: PostingTime['creators'][number],
  known: boolean,
): string {
  if (!known) return 'No data of this creator: using everyone, by UTC hours.'
  const own = `${posts} ${posts === 1 ? 'post' : 'posts'}`
  if (basis === 'creator') return `Mostly this creator’s own ${own} on ${platform}.`
  const used = {
    category: category === '' ? `posts without a category on ${platform}` : `category ${category} on ${platform}`,
    platform: `all of ${platform}`,
    everyone: 'everyone',
  }[basis]
  return `Not enough data of this creator on ${platform} (${own}): using ${used}.`
}
