import { choose, integer, normal, pick, textList, uniform } from './draws.ts'
import { countries, countryField } from './rhythms.ts'
import { creatorNames, topics } from './words.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: creators of different quality.
 *
 * quality ~ N(0, 1); log views grow by 1.0 per unit of it (popularity.ts), log subscribers by `subscribersPerQuality`. Quality is no
 * column of the marts: a model has to learn it from what the creator's earlier contents did.
 */
const creatorTruth = { subscribersPerQuality: 1.2, spreadOfPosts: 0.7 } as const

export const platforms = ['youtube', 'tiktok', 'instagram'] as const

/** Table `creators`: quality, topics, country, usual hour, and how many contents each publishes. */
export function creatorsSql(world: SampleWorld): string {
  const u = (name: string): string => uniform(world, `creator/${name}`, 'creator_id')
  const z = (name: string): string => normal(world, `creator/${name}`, 'creator_id')
  return `
    create temp table creators as
    with drawn as (
      select creator_id,
        ${choose(u('platform'), [0.5, 0.3, 0.2])} as platform,
        (creator_id + ${integer(world, 'creator/topic', 3, 'creator_id')}) % ${topics.length} as topic,
        ${integer(world, 'creator/second topic', topics.length, 'creator_id')} as second_topic,
        round(${z('quality')}, 6) as quality,
        ${choose(
          u('country'),
          countries.map(({ share }) => share),
        )} as country,
        7 + 16 * ${u('usual hour')} as usual_hour,
        -- integers, because a sum of them does not depend on the order of the threads
        (1000 * exp(${creatorTruth.spreadOfPosts} * ${z('posts')}))::bigint as post_weight,
        round(exp(8.5 + ${creatorTruth.subscribersPerQuality} * ${z('quality')} + 0.5 * ${z('subscribers')}))::bigint as subscribers,
        30 + ${integer(world, 'creator/joined', 1500, 'creator_id')} as joined_days_before
      from (select range as creator_id from range(1, ${world.creators + 1})) r)
    select *, greatest(4, round(${world.contents} * post_weight / sum(post_weight) over ())::bigint) as posts
    from drawn;`
}

/** Fills dim_creator. */
export function dimCreatorSql(world: SampleWorld): string {
  const first = pick(world, 'creator/first name', creatorNames.first, 'creator_id')
  const second = pick(world, 'creator/second name', creatorNames.second, 'creator_id')
  return `
    insert into dim_creator (creator_id, platform, name, category, country, subscriber_count, joined_at)
    select 'creator-' || creator_id, ${textList(platforms)}[1 + platform], ${first} || ' ' || ${second},
      ${textList(topics.map(({ category }) => category))}[1 + topic], ${countryField('code', 'country')}, subscribers,
      make_timestamp((${world.start} - joined_days_before * ${secondsPerDay}) * 1000000)
    from creators order by creator_id;`
}
