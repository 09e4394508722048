-- Posts of Brazilian and Mexican public figures: until September 2020, October, November. Outcomes of an author's earlier
-- posts count once they are a day old; that they were posted is known at once.
create table posts as
  select author_id::varchar as author_id, created_utc::timestamp as posted, n_chars, n_words, n_hashtags, n_mentions,
    ln(1 + likes + replies_or_comments) as y,
    row_number() over (order by created_utc, author_id) as place
  from read_csv(data_file('influencer_posts_2020/instagram.csv.gz'), header = true)
  where created_utc::timestamp < timestamp '2020-12-01';
create table histories as
  select *, list(y) over past as ys, list(posted) over past as moments,
    avg(n_chars) over past as usual_chars, avg(n_hashtags) over past as usual_hashtags, avg(n_mentions) over past as usual_mentions,
    posted - lag(posted) over (partition by author_id order by posted, place) as gap,
    count(*) over (
      partition by author_id order by posted range between interval 24 hours preceding and interval 1 second preceding
    ) as posts_day,
    count(*) over (
      partition by author_id order by posted range between interval 7 days preceding and interval 1 second preceding
    ) as posts_week
  from posts
  window past as (
    partition by author_id order by posted range between unbounded preceding and interval 24 hours preceding
  );
-- Mean of the last 60, each weighing `decay` times as much as the one after it.
create macro decayed_mean(ys, decay) as
  list_sum(list_transform(list_slice(ys, -60, -1), lambda y, i: y * pow(decay, least(len(ys), 60) - i)))
  / list_sum(list_transform(list_slice(ys, -60, -1), lambda y, i: pow(decay, least(len(ys), 60) - i)));
-- What is extraordinary for each author, from the training part alone.
create table limits as
  select author_id, quantile_cont(y, 0.95) as p95
  from posts
  where posted < timestamp '2020-10-01'
  group by author_id
  having count(*) >= 50;
create table parts as
  select author_id, n_chars, n_words, n_hashtags, n_mentions, y,
    coalesce(len(ys), 0) as n_past,
    list_avg(list_slice(ys, -60, -1)) as mean60,
    list_avg(list_slice(ys, -20, -1)) as mean20,
    list_avg(list_slice(ys, -5, -1)) as mean5,
    ys[-1] as last1, ys[-2] as last2, ys[-3] as last3,
    decayed_mean(ys, 0.7) as decayed70, decayed_mean(ys, 0.9) as decayed90,
    mean5 - mean20 as trend5, mean20 - mean60 as trend20,
    list_avg(ys) as mean_all,
    list_stddev_samp(list_slice(ys, -60, -1)) as sd60,
    list_stddev_samp(list_slice(ys, -10, -1)) as sd10,
    list_max(list_slice(ys, -60, -1)) as max60,
    list_min(list_slice(ys, -60, -1)) as min60,
    list_median(list_slice(ys, -20, -1)) as median20,
    date_diff('minute', moments[-1], posted) / 60.0 as hours_since,
    date_diff('minute', list_slice(moments, -20, -1)[1], posted) / 1440.0 as days_for_20,
    hour(posted) as hour, dayname(posted) as weekday,
    sin(2 * pi() * hour(posted) / 24) as hour_sin, cos(2 * pi() * hour(posted) / 24) as hour_cos,
    epoch(gap) / 3600.0 as hours_since_any, posts_day, posts_week,
    usual_chars, usual_hashtags, usual_mentions,
    n_chars - usual_chars as more_chars, n_hashtags - usual_hashtags as more_hashtags,
    n_mentions - usual_mentions as more_mentions,
    p95,
    case when p95 is null then null when y > p95 then 1 else 0 end as viral,
    case when posted < timestamp '2020-10-01' then 'train' when posted < timestamp '2020-11-01' then 'valid' else 'test' end
      as part
  from histories left join limits using (author_id)
  order by posted, place;
