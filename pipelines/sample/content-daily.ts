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
    `${mean} * exp(${perQuality} * c.quality + 0.25 * ${normal(world, `daily rate/${name}`, 'c.content_id')})`
  const shareRate = `(${rate('shares', 0.006, 0)} * case when a.virality > 0 then ${popularityTruth.earlyShareFactor} else 1 end)`
  return `
    -- what does not change from day to day is drawn once per content
    create temp table content_rates as
    select c.content_id, c.duration, floor(c.published / ${secondsPerDay}.0) as first_day,
      least(0.5, ${rate('likes', 0.045, 0.2)}) as like_rate, least(0.2, ${rate('comments', 0.004, 0.1)}) as comment_rate,
      least(0.3, ${shareRate}) as share_rate, ${rate('saves', 0.008, 0)} as save_rate,
      least(0.95, greatest(0.1, 0.5 + 0.08 * c.quality - 0.05 * ln(c.duration / 60))) as watched_share,
      case when c.quality > 0.8 and ${uniform(world, 'daily/sponsor', 'c.content_id')} < 0.15
        then round(exp(5 + 0.8 * c.quality), 2) else 0 end as sponsorship
    from contents c join appeals a using (content_id);
    insert into fct_content_daily (content_id, date, views, unique_viewers, likes, comments, shares, saves, impressions, clicks,
      watch_seconds, subscribers_gained, ad_revenue_usd, sponsorship_usd)
    select 'content-' || content_id, cast(make_timestamp((${world.start} + day * ${secondsPerDay}) * 1000000) as date), views,
      ceil(views * (0.8 + 0.15 * ${draw('unique')}))::bigint,
      ${count('likes', 'views * like_rate')}, ${count('comments', 'views * comment_rate')},
      ${count('shares', 'views * share_rate')}, ${count('saves', 'views * save_rate')},
      impressions, ceil(0.7 * views)::bigint,
      round(views * duration * watched_share),
      ${count('subscribers', 'views * 0.003')},
      round(views * 0.0018, 2),
      case when day = first_day then sponsorship else 0 end
    from (
      select *, ceil(views * (8 + 6 * ${draw('impressions')}))::bigint as impressions
      from (
        select d.content_id, d.day, r.duration, r.like_rate, r.comment_rate, r.share_rate, r.save_rate, r.watched_share, r.first_day,
          r.sponsorship,
          floor(d.expected_views + ${uniform(world, 'daily/views', 'd.content_id', 'd.day')})::bigint as views
        from content_days d join content_rates r using (content_id)
        order by d.day, d.content_id) counted) shown;`
}
