-- Posts of Brazilian and Mexican public figures: until September 2020, October, November. Nobody says in which time zone an author lives.
create table parts as
  select 'author ' || author_id as author,
    floor(epoch(created_utc::timestamp) / 3600) as hours_since_1970,
    ln(1 + likes + replies_or_comments) as y,
    case when created_utc::timestamp < timestamp '2020-10-01' then 'train'
         when created_utc::timestamp < timestamp '2020-11-01' then 'valid' else 'test' end as part
  from read_csv(data_file('influencer_posts_2020/instagram.csv.gz'), header = true)
  where created_utc::timestamp < timestamp '2020-12-01'
  order by created_utc::timestamp, author_id;
