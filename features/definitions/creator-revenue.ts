import { defineView } from './define-view.ts'
import { number } from './fields.ts'
import { countOf, log1p, ratio, sumWithin, windows } from './sql-fragments.ts'

/** What a creator's contents earned in money. Creators who earned nothing in the last 90 days have no row: all their fields are 0. */
export const creatorRevenue = defineView({
  name: 'creator_revenue',
  entity: 'creator',
  description: "What a creator's contents earned by advertising and sponsorship in the last 28 and 90 days.",
  owner: 'creators',
  ttlSeconds: 30 * 86_400,
  everyDays: 1,
  fields: [
    number('log_revenue_7d', 'ln US cents', 'ln(1 + advertising and sponsorship of all contents in the last 7 days)'),
    number('log_revenue_28d', 'ln US cents', 'the same, last 28 days'),
    number('log_revenue_prior_28d', 'ln US cents', 'the same, of the 28 days before those'),
    number('log_ad_revenue_28d', 'ln US cents', 'ln(1 + advertising revenue of all contents in the last 28 days)'),
    number('log_ad_revenue_90d', 'ln US cents', 'the same, last 90 days'),
    number('log_sponsorship_90d', 'ln US cents', 'ln(1 + sponsorship of all contents in the last 90 days)'),
    number('ad_revenue_per_mille_90d', 'USD per 1000 views', 'advertising revenue per 1000 views, last 90 days'),
    number('earning_contents_90d', 'contents', 'contents that earned something in the last 90 days'),
    number('sponsored_contents_90d', 'contents', 'contents that a sponsor paid for in the last 90 days'),
    number('sponsored_share_90d', 'share', 'those among the contents that earned something'),
  ],
  inputs: [
    {
      name: 'daily',
      rows: 'fct_content_daily d join dim_content c on c.content_id = d.content_id where c.creator_id is not null',
      day: 'cast(d.date as date)',
      columns: ['d.content_id', 'c.creator_id', 'd.views', 'd.ad_revenue_usd', 'd.sponsorship_usd'],
    },
  ],
  query: () => `${windows(90)},
earned as (
  select d.content_id, c.creator_id, cast(d.date as date) as day,
    cast(coalesce(d.views, 0) as double precision) as views,
    100 * cast(coalesce(d.ad_revenue_usd, 0) as double precision) as ads,
    100 * cast(coalesce(d.sponsorship_usd, 0) as double precision) as sponsors
  from fct_content_daily d
  join dim_content c on c.content_id = d.content_id
  where c.creator_id is not null
    and d.date < (select max(as_of) from moments) and d.date >= (select min(as_of) - 90 from moments)
),
contents as (
  select w.as_of, e.creator_id, e.content_id,
    sum(e.views) as views,
    ${sumWithin(7, 'e.ads + e.sponsors')} as revenue_7d,
    ${sumWithin(28, 'e.ads + e.sponsors')} as revenue_28d,
    ${sumWithin(56, 'e.ads + e.sponsors')} as revenue_56d,
    ${sumWithin(28, 'e.ads')} as ads_28d,
    sum(e.ads) as ads,
    sum(e.sponsors) as sponsors
  from windows w
  join earned e on e.day = w.day
  group by w.as_of, e.creator_id, e.content_id
),
totals as (
  select as_of, creator_id,
    sum(revenue_7d) as revenue_7d, sum(revenue_28d) as revenue_28d, sum(revenue_56d) as revenue_56d,
    sum(views) as views, sum(ads_28d) as ads_28d, sum(ads) as ads, sum(sponsors) as sponsors,
    ${countOf('ads + sponsors > 0')} as earning,
    ${countOf('sponsors > 0')} as sponsored
  from contents
  group by as_of, creator_id
  having sum(ads + sponsors) > 0
),
features as (
  select as_of, creator_id as entity_id,
    ${log1p('revenue_7d')} as log_revenue_7d,
    ${log1p('revenue_28d')} as log_revenue_28d,
    ${log1p('revenue_56d - revenue_28d')} as log_revenue_prior_28d,
    ${log1p('ads_28d')} as log_ad_revenue_28d,
    ${log1p('ads')} as log_ad_revenue_90d,
    ${log1p('sponsors')} as log_sponsorship_90d,
    ${ratio('10 * ads', 'views')} as ad_revenue_per_mille_90d,
    earning as earning_contents_90d,
    sponsored as sponsored_contents_90d,
    ${ratio('sponsored', 'earning')} as sponsored_share_90d
  from totals
)`,
})
