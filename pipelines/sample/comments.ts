import { integer, normal, pick, textList, uniform } from './draws.ts'
import { commented } from './interactions.ts'
import { commentWords, topics } from './words.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: the wording of a comment follows its sentiment, and the sentiment follows from how much of the content was watched.
 *
 * mood = 4 · (completion − 0.5) + 0.8 · N(0, 1); above 0.6 the words are positive, below −0.6 negative, else neutral. The sentiment is
 * no column; the three lists of words (words.ts) have nothing in common.
 */
const mood = { slope: 4, noise: 0.8, threshold: 0.6 } as const

/** Fills fct_comments: one row for each event of type comment. */
export function commentsSql(world: SampleWorld): string {
  const ids = ['user_id', 'content_id']
  const words = (kind: keyof typeof commentWords): string => pick(world, `comment/${kind}`, commentWords[kind], ...ids)
  const subject = `[${topics.map(({ subjects }) => textList(subjects)).join(', ')}][1 + topic][1 + subject]`
  return `
    insert into fct_comments (comment_id, content_id, user_id, body, like_count, created_at)
    select 'comment-' || user_id || '-' || content_id, 'content-' || content_id, 'user-' || user_id,
      case when mood > ${mood.threshold} then ${words('positive')} || '!' when mood < -${mood.threshold} then ${words('negative')} || '.'
        else ${words('neutral')} || '?' end
        || case when ${uniform(world, 'comment/subject', ...ids)} < 0.5 then ' About ' || ${subject} || '.' else '' end,
      floor(power(1.6, ${integer(world, 'comment/likes', 8, ...ids)})) - 1,
      make_timestamp((${world.start} + created) * 1000000)
    from (
      select *, moment + least(watch_seconds, 400)::bigint + 60 as created,
        ${mood.slope} * (completion - 0.5) + ${mood.noise} * ${normal(world, 'comment/mood', ...ids)} as mood
      from views join contents using (content_id)
      where ${commented(world)} and created < ${world.days * secondsPerDay}
      order by created, user_id, content_id) sorted;`
}
