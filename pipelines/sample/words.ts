/** A latent topic: what a content is really about. Categories are coarser, tags finer. */
export interface Topic {
  readonly name: string
  readonly category: string
  readonly tags: readonly string[]
  /** What titles talk about. */
  readonly subjects: readonly string[]
}

/** The planted topics; their index is the topic's number in the generator's tables. */
export const topics: readonly Topic[] = [
  {
    name: 'speedruns',
    category: 'Gaming',
    tags: ['speedrun', 'worldrecord', 'glitch', 'retrogaming'],
    subjects: ['the moon level speedrun', 'a forgotten glitch', 'the any-percent record', 'the castle skip'],
  },
  {
    name: 'indie games',
    category: 'Gaming',
    tags: ['indiegame', 'pixelart', 'gamedev', 'roguelike'],
    subjects: ['a tiny farming game', 'this hand-drawn roguelike', 'a two-person studio', 'the cosiest puzzle game'],
  },
  {
    name: 'live music',
    category: 'Music',
    tags: ['livemusic', 'concert', 'acoustic', 'newartist'],
    subjects: ['a rooftop concert', 'the quiet encore', 'a street brass band', 'an acoustic set'],
  },
  {
    name: 'guitar lessons',
    category: 'Music',
    tags: ['guitar', 'chords', 'musictheory', 'practice'],
    subjects: ['the barre chord', 'fingerpicking in the evening', 'a blues turnaround', 'open tunings'],
  },
  {
    name: 'space',
    category: 'Science',
    tags: ['space', 'astronomy', 'telescope', 'rocket'],
    subjects: ['the far side of the moon', 'a comet in October', 'the rings of Saturn', 'landing a rocket'],
  },
  {
    name: 'coding',
    category: 'Technology',
    tags: ['coding', 'webdev', 'algorithms', 'opensource'],
    subjects: ['a compiler in a weekend', 'sorting networks', 'the smallest web server', 'a bug of forty years'],
  },
  {
    name: 'gadgets',
    category: 'Technology',
    tags: ['gadgets', 'review', 'unboxing', 'smartphone'],
    subjects: ['a folding phone', 'the loudest keyboard', 'a camera for twenty dollars', 'noise-cancelling headphones'],
  },
  {
    name: 'baking',
    category: 'Food',
    tags: ['baking', 'sourdough', 'dessert', 'recipe'],
    subjects: ['sourdough without a scale', 'a cardamom bun', 'laminated dough', 'the lemon tart'],
  },
  {
    name: 'street food',
    category: 'Food',
    tags: ['streetfood', 'noodles', 'nightmarket', 'spicy'],
    subjects: ['night market noodles', 'a dosa stall at dawn', 'pastel de feira', 'the spiciest skewer'],
  },
  {
    name: 'hiking',
    category: 'Travel',
    tags: ['hiking', 'mountains', 'camping', 'backpacking'],
    subjects: ['a hut above the clouds', 'the coast path', 'a night in the tent', 'the ridge at sunrise'],
  },
  {
    name: 'football',
    category: 'Sports',
    tags: ['football', 'goals', 'tactics', 'derby'],
    subjects: ['the late winner', 'a back three', 'the derby', 'a free kick from forty metres'],
  },
  {
    name: 'sketches',
    category: 'Comedy',
    tags: ['sketch', 'standup', 'parody', 'officehumour'],
    subjects: [
      'the meeting that never ends',
      'a waiter who cannot lie',
      'the neighbour',
      'a very honest weather report',
    ],
  },
]

/** How a topic is told. The second dimension of taste: people who like a style like it in all topics. */
export const styles = [
  { name: 'highlights', title: 'The best of {subject}', description: 'Only the moments that matter.' },
  { name: 'explained', title: '{subject}, explained step by step', description: 'Slowly, with every detail.' },
  { name: 'live', title: 'Live: {subject}', description: 'Uncut, as it happened, with your questions.' },
] as const

export const questionTitle = 'Why does everyone talk about {subject}?'

export const creatorNames = {
  first: ['Quiet', 'Bright', 'Northern', 'Little', 'Electric', 'Golden', 'Paper', 'Midnight', 'Honest', 'Wandering'],
  second: ['Fox', 'River', 'Lantern', 'Orchard', 'Harbour', 'Comet', 'Garden', 'Engine', 'Sparrow', 'Workshop'],
} as const

/** Words of comments by sentiment. No word of one list appears in another: sentiment can be read from the wording. */
export const commentWords = {
  positive: [
    'Loved it',
    'Wonderful',
    'This made my day',
    'Brilliant work',
    'So helpful',
    'Great',
    'Thank you for this',
  ],
  neutral: ['First time here', 'Watching from the train', 'Is there a second part', 'What is the song', 'Noted'],
  negative: ['Boring', 'Too long', 'Disappointing', 'I expected more', 'Clickbait', 'Terrible sound', 'Waste of time'],
} as const

/** Hashtags that rise and fall, whatever the topic. */
export const trendingTags = [
  'firstday',
  'cozyseason',
  'tinyhabits',
  'slowmorning',
  'gridchallenge',
  'blueparty',
  'onetake',
  'nofilterweek',
  'thirtyseconds',
  'bookbag',
  'latesummer',
  'spookymonth',
] as const
