import { platforms } from './creators.ts'
import { normal, textList, uniform } from './draws.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: how people react. Completion follows from how well a content fits the user (the favourite topics, the favourite style)
 * and from the creator's quality; below `skipBelow` the event is a skip. Likes grow with the square of completion.
 */
const reaction = { skipBelow: 0.1, like: 0.25, comment: 0.035, share: 0.02, save: 0.03 } as const

/**
 * Table `views(user_id, content_id, day, position, moment, completion, watch_seconds)`: a user's first encounter with each content. Kept
 * for all days, because later marts rest on it.
 */
export function viewsTableSql(): string {
  return `
    create temp table views (user_id bigint, content_id bigint, day bigint, position bigint, moment bigint, completion double,
      watch_seconds double);`
}

/** Moves new choices to `views`; a content that the user has met on an earlier day does not come again. */
export function viewsSql(world: SampleWorld): string {
  const ids = ['v.user_id', 'v.content_id']
  const fit = `(case when c.topic in (u.topic_1, u.topic_2) then 0.9 when c.topic = u.topic_3 then 0.5 else -0.5 end
    + case when c.style = u.style then 0.5 else 0 end + 0.35 * c.quality + 1.1 * ${normal(world, 'reaction', ...ids)} - 0.35)`
  return `
    create or replace temp table fresh as
    select v.user_id, v.content_id, arg_min(v.day, v.moment) as day, arg_min(v.position, v.moment) as position,
      min(v.moment) as moment
    from choices v anti join views s using (user_id, content_id)
    group by v.user_id, v.content_id;
    insert into views
    select user_id, content_id, day, position, moment, completion, round(completion * duration, 1)
    from (
      select v.*, c.duration, round(1 / (1 + exp(-1.2 * ${fit})), 3) as completion
      from fresh v join users u using (user_id) join contents c using (content_id)) reacted;`
}

/** Fills fct_interactions with the events of some local days: each view or skip, and what the user did next. */
export function interactionsSql(world: SampleWorld, fromDay: number, toDay: number): string {
  const happens = (name: string, chance: string): string =>
    `${uniform(world, `reaction/${name}`, 'user_id', 'content_id')} < ${chance}`
  const after = (seconds: number): string => `moment + least(watch_seconds, 400)::bigint + ${seconds}`
  const follow = (letter: string, type: string, seconds: number, chance: string): string => `
      select user_id, content_id, day, position, '${letter}' as letter, '${type}' as event_type, ${after(seconds)} as moment,
        null as watch_seconds, null as completion
      from met where completion >= ${reaction.skipBelow} and ${happens(type, chance)}`
  return `
    insert into fct_interactions (event_id, user_id, content_id, platform, event_type, occurred_at, watch_seconds, completion, value)
    with met as (select * from views where day >= ${fromDay} and day < ${toDay}),
    events as (
      select user_id, content_id, day, position, 'a' as letter,
        case when completion < ${reaction.skipBelow} then 'skip' else 'view' end as event_type, moment, watch_seconds, completion
      from met
      union all ${follow('b', 'like', 5, `${reaction.like} * completion * completion`)}
      union all ${follow('c', 'save', 15, `${reaction.save} * completion`)}
      union all ${follow('d', 'share', 25, `${reaction.share} * completion`)}
      union all ${follow('e', 'comment', 60, commentChance)})
    select concat('event-', user_id, '-', substr((1000 + day)::varchar, 2), '-', substr((100 + position)::varchar, 2), letter),
      'user-' || user_id, 'content-' || content_id, ${textList(platforms)}[1 + platform], event_type,
      make_timestamp((${world.start} + moment::bigint) * 1000000), watch_seconds, completion, null
    from (
      -- sorted before the ids become text, and by narrow integers: both together take a third of the time
      select e.moment::int as moment, e.user_id::int as user_id, e.day::smallint as day, e.position::smallint as position, e.letter,
        e.content_id::int as content_id, e.event_type, e.watch_seconds, e.completion, c.platform::tinyint as platform
      from events e join contents c using (content_id)
      where e.moment < ${world.days * secondsPerDay}
      order by moment, user_id, day, position, letter) sorted;`
}

/** People comment when they are pleased or annoyed: comments.ts draws the wording from the same completion. */
const commentChance = `${reaction.comment} * (0.4 + 2 * abs(completion - 0.5))`

/** Which views led to a comment; for comments.ts. */
export const commented = (world: SampleWorld): string =>
  `completion >= ${reaction.skipBelow} and ${uniform(world, 'reaction/comment', 'user_id', 'content_id')} < ${commentChance}`
