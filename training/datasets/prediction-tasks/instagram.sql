-- Posts of Brazilian and Mexican public figures: until September 2020, October, November. What an author had before counts once it is a day old.
create table posts as
  select author_id::varchar as author_id, created_utc::timestamp as posted, n_chars, n_words, n_hashtags, n_mentions,
    ln(1 + likes + replies_or_comments) as y,
    row_number() over (order by created_utc, author_id) as place
  from read_csv(data_file('influencer_posts_2020/instagram.csv.gz'), header = true)
  where created_utc::timestamp < timestamp '2020-12-01';
create table histories as
  select *, list(y) over past as ys, list(posted) over past as moments
  from posts
  window past as (
    partition by author_id order by posted range between unbounded preceding and interval 24 hours preceding
  );
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
    ys[-1] as last1,
    list_avg(ys) as mean_all,
    list_stddev_samp(list_slice(ys, -60, -1)) as sd60,
    list_max(list_slice(ys, -60, -1)) as max60,
    list_min(list_slice(ys, -60, -1)) as min60,
    list_median(list_slice(ys, -20, -1)) as median20,
    date_diff('minute', moments[-1], posted) / 60.0 as hours_since,
    date_diff('minute', list_slice(moments, -20, -1)[1], posted) / 1440.0 as days_for_20,
    hour(posted) as hour, dayname(posted) as weekday,
    sin(2 * pi() * hour(posted) / 24) as hour_sin, cos(2 * pi() * hour(posted) / 24) as hour_cos,
    p95,
    case when p95 is null then null when y > p95 then 1 else 0 end as viral,
    case when posted < timestamp '2020-10-01' then 'train' when posted < timestamp '2020-11-01' then 'valid' else 'test' end
      as part
  from histories left join limits using (author_id)
  order by posted, place;
