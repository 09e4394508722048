import { platforms } from './creators.ts'
import { choose, integer, normal, pick, textList, uniform } from './draws.ts'
import { countryField, offsetSeconds } from './rhythms.ts'
import { questionTitle, styles, topics } from './words.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: series. Three in four contents are episodes of one of their creator's three series; a series keeps its topic and
 * style, and its episodes are numbered in the order of publication. What follows what (choices.ts) rests on this.
 */
const seriesPerCreator = 3

/** Half of the posts come within an hour of the creator's usual hour, the others at any time from 7 to 24 o'clock, local time. */
const usualHourShare = 0.5

/** By platform; half of the contents lie within a factor of 1.4 of it. */
export const durationMedianSeconds: readonly number[] = [480, 40, 50]
const questionShare = 0.3

/** Table `contents`, numbered in the order of publication. `published` is in seconds since the world's start. */
export function contentsSql(world: SampleWorld): string {
  const end = world.days * secondsPerDay
  const u = (name: string, ...ids: string[]): string => uniform(world, `content/${name}`, ...ids)
  const post = ['creator_id', 'post']
  const strand = ['creator_id', 'strand']
  return `
    create temp table contents as
    with posts as (
      select c.*, p.post,
        floor(${world.days} * power(${u('day', ...post)}, 1.9))::bigint as local_day,
        case when ${u('usual', ...post)} < ${usualHourShare} then usual_hour + 2 * ${u('near', ...post)} - 1
          else 7 + 17 * ${u('hour', ...post)} end as local_hour,
        ${integer(world, 'content/series', seriesPerCreator + 1, ...post)} as series
      from creators c, (select range as post from range(1, 1 + (select max(posts) from creators))) p
      where p.post <= c.posts),
    placed as (
      select *,
        local_day * ${secondsPerDay} + floor(local_hour * 3600)::bigint - ${offsetSeconds('country')} as second,
        -- a content outside of the series is a strand of its own
        case when series < ${seriesPerCreator} then series else ${seriesPerCreator} + post end as strand
      from posts),
    inside as (
      select *, second + case when second < 0 then ${secondsPerDay} when second >= ${end} then -${secondsPerDay} else 0 end as published
      from placed)
    select row_number() over (order by published, creator_id, post) as content_id,
      creator_id, post, platform, country, quality, published, series < ${seriesPerCreator} as in_series, strand,
      row_number() over (partition by creator_id, strand order by published, post) as episode,
      case when ${u('topic', ...strand)} < 0.75 then topic else second_topic end as topic,
      ${integer(world, 'content/style', styles.length, ...strand)} as style,
      greatest(5, round([${durationMedianSeconds.join(', ')}][1 + platform] * exp(0.5 * ${normal(world, 'content/duration', ...post)}))) as duration,
      ${u('question', ...post)} < ${questionShare} as asks,
      ${choose(u('subject', ...strand), [0.25, 0.25, 0.25, 0.25])} as subject
    from inside;`
}

const subjectOf = `[${topics.map(({ subjects }) => textList(subjects)).join(', ')}][1 + topic][1 + subject]`

/** Fills dim_content; the tags come from the table content_tags (hashtags.ts). */
export function dimContentSql(world: SampleWorld): string {
  const template = `case when asks then '${questionTitle}' else ${textList(styles.map(({ title }) => title))}[1 + style] end`
  const said = `replace(${template}, '{subject}', ${subjectOf})`
  const names = ['Notebook', 'Sessions', 'Diaries', 'Workshop', 'Hour']
  const seriesName = pick(world, 'content/series name', names, 'creator_id', 'strand')
  return `
    insert into dim_content (content_id, platform, creator_id, title, description, tags, category, language, duration_seconds,
      published_at, updated_at)
    select 'content-' || content_id, ${textList(platforms)}[1 + platform], 'creator-' || creator_id,
      upper(left(${said}, 1)) || substr(${said}, 2)
        || case when in_series then ' (' || ${seriesName} || ', episode ' || episode || ')' else '' end,
      'About ' || ${subjectOf} || '. ' || ${textList(styles.map(({ description }) => description))}[1 + style],
      tags, ${textList(topics.map(({ category }) => category))}[1 + topic], ${countryField('language', 'country')}, duration,
      make_timestamp((${world.start} + published) * 1000000), make_timestamp((${world.start} + published) * 1000000)
    from contents join content_tags using (content_id) order by content_id;`
}
