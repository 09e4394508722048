import { normal, uniform } from './draws.ts'
import { popularityTruth } from './popularity.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Fills fct_content_daily with what all viewers together did, at full scale; fct_interactions holds the events of a panel of them.
 * A content's share of the panel's views follows its share of these views, but the absolute numbers differ by a constant factor.
 */
export function contentDailySql(world: SampleWorld): string {
  const draw = (name: string): string => uniform(world, `daily/${name}`, 'content_id', 'day')
  // expected counts become integers by chance, so that small expectations do not vanish
  const count = (name: string, expected: string): string => `floor(${expected} + ${draw(name)})::bigint`
  const rate = (name: string, mean: number, perQuality: number): string =>
    `(${mean} * exp(${perQuality} * quality + 0.25 * ${normal(world, `daily rate/${name}`, 'content_id')}))`
  const shareRate = `(${rate('shares', 0.006, 0)} * case when virality > 0 then ${popularityTruth.earlyShareFactor} else 1 end)`
  return `
    insert into fct_content_daily (content_id, date, views, unique_viewers, likes, comments, shares, saves, impressions, clicks,
      watch_seconds, subscribers_gained, ad_revenue_usd, sponsorship_usd)
    select 'content-' || content_id, cast(make_timestamp((${world.start} + day * ${secondsPerDay}) * 1000000) as date), views,
      ceil(views * (0.8 + 0.15 * ${draw('unique')}))::bigint,
      ${count('likes', `views * least(0.5, ${rate('likes', 0.045, 0.2)})`)},
      ${count('comments', `views * least(0.2, ${rate('comments', 0.004, 0.1)})`)},
      ${count('shares', `views * least(0.3, ${shareRate})`)},
      ${count('saves', `views * ${rate('saves', 0.008, 0)}`)},
      impressions, ceil(0.7 * views)::bigint,
      round(views * duration * least(0.95, greatest(0.1, 0.5 + 0.08 * quality - 0.05 * ln(duration / 60)))),
      ${count('subscribers', 'views * 0.003')},
      round(views * 0.0018, 2),
      case when day = floor(published / ${secondsPerDay}.0) and quality > 0.8
        and ${uniform(world, 'daily/sponsor', 'content_id')} < 0.15 then round(exp(5 + 0.8 * quality), 2) else 0 end
    from (
      select *, ceil(views * (8 + 6 * ${draw('impressions')}))::bigint as impressions
      from (
        select d.content_id, d.day, c.quality, c.duration, c.published, a.virality,
          floor(d.expected_views + ${uniform(world, 'daily/views', 'd.content_id', 'd.day')})::bigint as views
        from content_days d join contents c using (content_id) join appeals a using (content_id)
        order by d.day, d.content_id) counted) shown;`
}
