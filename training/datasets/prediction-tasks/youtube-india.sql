-- Trending videos in India, each on the first day that it trends: until 14 March 2018, until 24 April, later. A channel's earlier videos count
-- from the next day on. Rates are differences of logarithms.
create table listed as
  select distinct *
  from read_csv(data_file('yt_trending_IN_2017_2018/INvideos.csv.gz'), header = true, all_varchar = true)
  where video_id <> '#NAME?';
create table days as
  select video_id, strptime(trending_date, '%y.%d.%m')::date as day,
    any_value(channel_title) as channel, any_value(category_id) as category, any_value(publish_time)::timestamp as published,
    max(views::bigint) as views, max(likes::bigint) as likes, max(dislikes::bigint) as dislikes,
    max(comment_count::bigint) as comments,
    bool_or(comments_disabled = 'TRUE') as no_comments, bool_or(ratings_disabled = 'TRUE') as no_ratings
  from listed
  group by video_id, day;
create table firsts as
  select *, ln(1 + views) as y, count(*) over (partition by video_id) as days_trending
  from days
  qualify row_number() over (partition by video_id order by day) = 1;
create table histories as
  select *, list(y) over past as ys, list(day) over past as past_days,
    date_diff('minute', published, day::timestamp + interval 24 hours) / 1440.0 as age
  from firsts
  window past as (partition by channel order by day range between unbounded preceding and interval 1 day preceding);
create table parts as
  select first.channel, first.category, first.no_comments, first.no_ratings, first.y,
    coalesce(len(ys), 0) as n_past,
    list_avg(ys) as mean_all,
    list_avg(list_slice(ys, -10, -1)) as mean10,
    list_avg(list_slice(ys, -3, -1)) as mean3,
    ys[-1] as last1,
    list_stddev_samp(ys) as sd_all,
    list_max(ys) as max_all,
    list_min(ys) as min_all,
    date_diff('day', past_days[-1], first.day) as days_since,
    hour(first.published) as hour, dayname(first.published) as weekday,
    length(first.channel) as channel_chars,
    age,
    ln(1 + first.likes) as log_likes, ln(1 + first.dislikes) as log_dislikes, ln(1 + first.comments) as log_comments,
    ln(1 + first.likes) - first.y as likes_per_view, ln(1 + first.comments) - first.y as comments_per_view,
    ln(1 + first.dislikes) - ln(1 + first.likes) as dislikes_per_like,
    first.y - ln(greatest(age, 0.02)) as views_per_day,
    ln(1 + next_day.views) as y1,
    ln(1 + third_day.views) as y3,
    (days_trending >= 3)::int as three_days,
    case when first.day < date '2018-03-15' then 'train' when first.day < date '2018-04-25' then 'valid' else 'test' end as part
  from histories first
  left join days next_day on next_day.video_id = first.video_id and next_day.day = first.day + 1
  left join days third_day on third_day.video_id = first.video_id and third_day.day = first.day + 3
  order by first.day, first.video_id;
