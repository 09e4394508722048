-- Online News Popularity, a window that moves on by 1,000 articles: 10,000 to learn from, of which the last 2,000 choose, and the next 1,000.
create table articles as
  select row_number() over () - 1 - 1000 * getvariable('fold') as place, * exclude (url, timedelta, shares),
    (shares >= 1400)::int as popular
  from read_csv(data_file('online_news_popularity/onp_shares.csv.gz'), header = true);
create table parts as
  select * exclude (place), case when place < 8000 then 'train' when place < 10000 then 'valid' else 'test' end as part
  from articles
  where place between 0 and 10999
  order by place;
