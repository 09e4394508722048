-- Trending videos of the United States and France in November 2017, each on the first day that it trends there: until the 22nd, the 23rd and
-- 24th, later. The 14th is left out: with it the data begins, so that nobody knows whether a video trended before.
create macro videos_of(country) as table
  select distinct *
  from read_csv(
    data_file('yt_trending_2017_full/' || country || 'videos.csv.gz'),
    header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', strict_mode = false -- tags are half quoted
  );
create table listed as
  select 'US' as country, * from videos_of('US')
  union all
  select 'FR', * from videos_of('FR');
create table firsts as
  select *, strptime(trending_date, '%y.%d.%m')::date as day, ln(1 + views::bigint) as y
  from listed
  qualify row_number() over (partition by country, video_id order by day, views::bigint desc, title, tags, description) = 1;
-- Several videos of a channel begin to trend on one day: their ids say which is the last, so that every run reads the same.
create table histories as
  select *, list(y order by day, video_id) over past as ys
  from firsts
  window past as (
    partition by country, channel_title order by day range between unbounded preceding and interval 1 day preceding
  );
create table parts as
  select country, channel_title as channel, category_id as category, title,
    case when tags = '[none]' then null else replace(replace(tags, '"', ''), '|', ', ') end as tags,
    left(description, 1000) as description,
    length(title) as title_chars, length(description) as description_chars,
    case when tags = '[none]' then 0 else len(string_split(tags, '|')) end as tag_count,
    comments_disabled, ratings_disabled,
    hour(publish_time::timestamp) as hour, dayname(publish_time::timestamp) as weekday,
    coalesce(len(ys), 0) as n_past, list_avg(ys) as mean_all, ys[-1] as last1,
    y,
    case when day <= date '2017-11-22' then 'train' when day <= date '2017-11-24' then 'valid' else 'test' end as part
  from histories
  where day > date '2017-11-14'
  order by day, country, video_id;
