import { defineView } from './define-view.ts'
import { number } from './fields.ts'
import { countOf, never } from './sql-fragments.ts'

/**
 * Whom a person follows, for foretelling who leaves. People without a subscription, now or in the last 28 days, have no row: all their fields
 * are 0. As in user_activity, nor have people who deleted their account or did not agree to personalisation.
 */
export const userSubscriptions = defineView({
  name: 'user_subscriptions',
  entity: 'user',
  description: 'How many creators a person is subscribed to, since when, and what changed in the last 28 days.',
  owner: 'audience',
  ttlSeconds: 30 * 86_400,
  everyDays: 1,
  fields: [
    number('subscriptions', 'creators', 'subscriptions that last'),
    number('subscribed_28d', 'creators', 'subscriptions begun in the last 28 days'),
    number('unsubscribed_7d', 'creators', 'subscriptions ended in the last 7 days'),
    number('unsubscribed_28d', 'creators', 'subscriptions ended in the last 28 days'),
    number('oldest_subscription_days', 'days', 'days since the oldest subscription that lasts began; 0 without one'),
  ],
  inputs: [
    {
      name: 'subscribed',
      rows: `fct_subscriptions s join dim_user u on u.user_id = s.user_id
        where u.deleted_at is null and u.consent_personalization`,
      day: 'cast(s.started_at as date)',
      columns: ['s.user_id'],
    },
    {
      name: 'unsubscribed',
      rows: `fct_subscriptions s join dim_user u on u.user_id = s.user_id
        where u.deleted_at is null and u.consent_personalization`,
      day: 'cast(s.ended_at as date)',
      columns: ['s.user_id', 'cast(s.started_at as date)'],
    },
  ],
  query: () => `spells as (
  select s.user_id, cast(s.started_at as date) as first_day, coalesce(cast(s.ended_at as date), ${never}) as last_day
  from fct_subscriptions s
  join dim_user u on u.user_id = s.user_id
  where u.deleted_at is null and u.consent_personalization
),
features as (
  select m.as_of, s.user_id as entity_id,
    ${countOf('s.last_day >= m.as_of')} as subscriptions,
    ${countOf('s.first_day >= m.as_of - 28')} as subscribed_28d,
    ${countOf('s.last_day < m.as_of and s.last_day >= m.as_of - 7')} as unsubscribed_7d,
    ${countOf('s.last_day < m.as_of')} as unsubscribed_28d,
    max(case when s.last_day >= m.as_of then m.as_of - s.first_day else 0 end) as oldest_subscription_days
  from moments m
  join spells s on s.first_day < m.as_of and s.last_day >= m.as_of - 28
  group by m.as_of, s.user_id
)`,
})
