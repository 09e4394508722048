/** YouTube's video categories (Data API, videoCategories.list). */
const categories: Readonly<Record<number, string>> = {
  1: 'Film & Animation',
  2: 'Autos & Vehicles',
  10: 'Music',
  15: 'Pets & Animals',
  17: 'Sports',
  18: 'Short Movies',
  19: 'Travel & Events',
  20: 'Gaming',
  21: 'Videoblogging',
  22: 'People & Blogs',
  23: 'Comedy',
  24: 'Entertainment',
  25: 'News & Politics',
  26: 'Howto & Style',
  27: 'Education',
  28: 'Science & Technology',
  29: 'Nonprofits & Activism',
  30: 'Movies',
  43: 'Shows',
  44: 'Trailers',
}

/** SQL for the name of a category id held as text; an unknown id keeps its number, an empty one is null. */
export function categoryCase(column: string): string {
  const cases = Object.entries(categories).map(([id, name]) => `when '${id}' then '${name}'`)
  return `case ${column} ${cases.join(' ')} else 'category ' || ${column} end`
}
