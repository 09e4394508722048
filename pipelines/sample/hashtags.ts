import { integer, textList, uniform } from './draws.ts'
import { topics, trendingTags } from './words.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: hashtags that rise and fall.
 *
 * Hashtag h of n has its height at day (h + 0.5) / n · days; a content published t days away from it carries it with probability
 * `height · exp(−½ (t / width)²)`, whatever its topic. The other tags, two to four of the topic's own, do not move.
 */
const hashtagTruth = { height: 0.6, widthDays: 5 } as const

/** Table `content_tags(content_id, tags, tag_count)`, tags separated by `|`. */
export function hashtagsSql(world: SampleWorld): string {
  const peak = `(h.number + 0.5) / ${trendingTags.length} * ${world.days}`
  const away = `(c.published / ${secondsPerDay}.0 - ${peak})`
  const probability = `${hashtagTruth.height} * exp(-0.5 * power(${away} / ${hashtagTruth.widthDays}, 2))`
  const kept = `2 + ${integer(world, 'hashtag/kept', 3, 'content_id')}`
  return `
    create temp table content_tags as
    with trending as (
      select c.content_id, list(h.tag order by h.number) as tags
      from contents c, (select range as number, ${textList(trendingTags)}[1 + range] as tag from range(${trendingTags.length})) h
      where ${uniform(world, 'hashtag', 'c.content_id', 'h.number')} < ${probability}
      group by c.content_id)
    select c.content_id, array_to_string(all_tags, '|') as tags, len(all_tags) as tag_count
    from (
      select content_id,
        list_concat([${topics.map(({ tags }) => textList(tags)).join(', ')}][1 + topic][1:${kept}], coalesce(t.tags, [])) as all_tags
      from contents left join trending t using (content_id)) c;`
}
