import { AppError } from '../../../errors.ts'
import type { PredictionColumns, PredictionTask } from '../prediction-table.ts'

/** What others reached in a metric on the same parts, and what we aim at. */
export interface Goal {
  /** As `measurePredictions` names it. */
  readonly metric: string
  readonly reference: number
  readonly referenceModel: string
  readonly goal: number
  /** Where not the value but its 95 % interval is asked for: that it lies above the goal, or holds it. */
  readonly rule?: 'interval above' | 'interval holds'
}

/** A question to a public data set, with the parts that it is asked on. */
export interface PublicTask {
  readonly name: string
  readonly title: string
  /** Makes the table `parts`, whose column `part` is train, valid or test; a file beside this one. */
  readonly sql: string
  readonly columns: PredictionColumns
  /** Windows that are fitted and judged one by one; 1 for most. */
  readonly folds: number
  readonly goals: readonly Goal[]
}

const task = (
  name: string,
  title: string,
  sql: string,
  [kind, target, leaveOut]: readonly [PredictionTask, string, readonly string[]],
  goals: readonly (readonly [metric: string, referenceModel: string, reference: number, goal: number])[],
  folds = 1,
): PublicTask => ({
  name,
  title,
  sql,
  columns: { task: kind, target, leaveOut },
  folds,
  goals: goals.map(([metric, referenceModel, reference, goal]) => ({ metric, referenceModel, reference, goal })),
})

/** What nobody knows of a video before it is published. */
const afterwards = [
  ...['age', 'log_likes', 'log_dislikes', 'log_comments', 'no_comments', 'no_ratings'],
  ...['likes_per_view', 'comments_per_view', 'dislikes_per_like', 'views_per_day'],
]

/** Not a table to predict but a back-test: see `benchmarkPostingTime`. */
export const postingTimeTask: PublicTask = {
  name: 'posting-time',
  title: 'Instagram: later posts at the three best hours against the author’s others',
  sql: 'posting-time.sql',
  columns: { task: 'regression', target: 'y', leaveOut: [] },
  folds: 1,
  goals: [
    { metric: 'lift', reference: 0.22, referenceModel: 'fixed shrinkage', goal: 0, rule: 'interval above' },
    { metric: 'placebo lift', reference: -0.01, referenceModel: 'permuted hours', goal: 0, rule: 'interval holds' },
  ],
}

/** The tasks of `bench predict --suite shared`; the references are figures of Python libraries on the same parts. */
export const publicTasks: readonly PublicTask[] = [
  task(
    'news-popular',
    'Online News: 1,400 shares or more',
    'news.sql',
    ['binary', 'popular', ['log_shares']],
    [
      ['auc', 'CatBoost', 0.738, 0.738],
      ['log loss', 'CatBoost', 0.602, 0.602],
      ['ece', 'CatBoost', 0.032, 0.025],
    ],
  ),
  task(
    'news-windows',
    'Online News: the same, mean of 8 moving windows',
    'news-window.sql',
    ['binary', 'popular', []],
    [['auc', 'LightGBM', 0.7413, 0.743]],
    8,
  ),
  task(
    'news-shares',
    'Online News: ln(1 + shares)',
    'news.sql',
    ['regression', 'log_shares', ['popular']],
    [['rmse', 'ridge', 0.793, 0.788]],
  ),
  task(
    'instagram-engagement',
    'Instagram: ln(1 + likes + comments)',
    'instagram.sql',
    ['regression', 'y', ['p95', 'viral']],
    [['rmse', 'LightGBM', 0.851, 0.848]],
  ),
  task(
    'instagram-viral',
    'Instagram: above the author’s own 95 % quantile',
    'instagram.sql',
    ['binary', 'viral', ['y']],
    [
      ['auc', 'logistic', 0.735, 0.745],
      ['pr-auc', 'LightGBM', 0.218, 0.225],
    ],
  ),
  task(
    'youtube-views',
    'YouTube India: ln(1 + views) when it first trends, before publication',
    'youtube-india.sql',
    ['regression', 'y', [...afterwards, 'y1', 'y3', 'three_days']],
    [['rmse', 'LightGBM', 0.7, 0.695]],
  ),
  task(
    'youtube-day1',
    'YouTube India: the same a day later, from early counts',
    'youtube-india.sql',
    ['regression', 'y1', ['y3', 'three_days']],
    [['rmse', 'LightGBM', 0.289, 0.287]],
  ),
  task(
    'youtube-day3',
    'YouTube India: three days later, from early counts',
    'youtube-india.sql',
    ['regression', 'y3', ['y1', 'three_days']],
    [['rmse', 'LightGBM', 0.438, 0.435]],
  ),
  task(
    'youtube-three-days',
    'YouTube India: trends on three days or more',
    'youtube-india.sql',
    ['binary', 'three_days', ['y1', 'y3']],
    [['auc', 'LightGBM', 0.843, 0.845]],
  ),
  task(
    'youtube-titles',
    'YouTube US and France: ln(1 + views) when it first trends, with title and tags',
    'youtube-titles.sql',
    ['regression', 'y', []],
    [['rmse', 'LightGBM with TF-IDF', 1.228, 1.22]],
  ),
  task(
    'cdnow-inactive',
    'CDNOW: buys nothing in the next 90 days',
    'cdnow.sql',
    ['binary', 'gone', []],
    [
      ['auc', 'logistic', 0.779, 0.78],
      ['log loss', 'logistic', 0.384, 0.383],
    ],
  ),
  postingTimeTask,
]

/**
 * @param names separated by commas; undefined = all
 * @throws AppError CONFIG_INVALID for a name that is none
 */
export function publicTasksNamed(names: string | undefined): readonly PublicTask[] {
  if (names === undefined) return publicTasks
  return names.split(',').map((text) => {
    const found = publicTasks.find(({ name }) => name === text.trim())
    if (found !== undefined) return found
    throw new AppError(
      'CONFIG_INVALID',
      `There is no task ${text.trim()}; expected ${publicTasks.map(({ name }) => name).join(', ')}.`,
    )
  })
}
