-- CDNOW's customers: who buys nothing in the next 90 days, learned from the state of 2 July 2021 and asked on 30 September.
create table written as
  select string_split(trim(regexp_replace(line, ' +', ' ', 'g')), ' ') as f
  from read_csv(data_file('cdnow/CDNOW_master.txt.gz'), header = false, sep = '|', columns = {'line': 'varchar'});
create table bought as
  select f[1]::int as id, strptime(f[2], '%Y%m%d')::date as day, sum(f[3]::int) as cds, sum(f[4]::double) as amount
  from written
  group by 1, 2;
create macro state_of(t) as table
  with past as (
    select *, lag(day) over (partition by id order by day) as before
    from bought
    where day <= t
  ),
  base as (
    select id, count(*) as purchases, sum(cds) as cds, sum(amount) as amount,
      avg(amount) as mean_amount, max(amount) as max_amount,
      date_diff('day', max(day), t) as recency, date_diff('day', min(day), t) as tenure,
      avg(date_diff('day', before, day)) as mean_gap,
      stddev_samp(date_diff('day', before, day)) as sd_gap,
      max(date_diff('day', before, day)) as max_gap,
      count(*) filter (where day > t - 30) as last30,
      count(*) filter (where day > t - 60) as last60,
      count(*) filter (where day > t - 90) as last90,
      arg_max(amount, day) as last_amount, arg_max(cds, day) as last_cds,
      arg_max(date_diff('day', before, day), day) as last_gap
    from past
    group by id
  )
  select base.*,
    recency / nullif(mean_gap, 0) as recency_in_gaps,
    purchases / (tenure + 1.0) as rate,
    (tenure - recency) / (tenure + 1.0) as active_share,
    (not exists (select 1 from bought b where b.id = base.id and b.day > t and b.day <= t + 90))::int as gone
  from base;
-- Customers are numbered by cohort: every fifth validates, and reversed numbers mix the rest.
create table parts as
  select * exclude (id)
  from (
    select *, case when id % 5 = 0 then 'valid' else 'train' end as part from state_of(date '2021-07-02')
    union all
    select *, 'test' from state_of(date '2021-09-30')
  )
  order by reverse(id::varchar);
