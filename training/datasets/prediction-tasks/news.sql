-- Online News Popularity, in the order of the file (by time): the first 60 % of the articles, the next 20 %, the last 20 %.
create table articles as
  select row_number() over () - 1 as place, * exclude (url, timedelta, shares),
    ln(1 + shares) as log_shares,
    (shares >= 1400)::int as popular
  from read_csv(data_file('online_news_popularity/onp_shares.csv.gz'), header = true);
create table parts as
  select * exclude (place), case when place < 10976 then 'train' when place < 14635 then 'valid' else 'test' end as part
  from articles
  order by place;
