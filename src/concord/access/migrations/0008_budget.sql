-- Budgets: what users have spent, alerts on slow reading, and widening by two persons. The program has no right on `meter`: a
-- function adds to it for whoever acts, and tells only whether it fits. The rules stand in access/budget.py and reading.py.

do $$
declare name text;
begin
    foreach name in array array['meter', 'reading_alert', 'widening']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy somebody on %I as restrictive to concord_app
            using ((select acting_country()) is not null)', name);
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;

-- ---- spending ---------------------------------------------------------------------------------------------------------

create function alert_supervisor(who uuid, its_kind text, at_time timestamptz, how_many integer, usually integer) returns void
    language sql as $$
    insert into reading_alert (id, owner_country, owner_unit_id, user_id, kind, at, count, norm)
    select gen_random_uuid(), n.country_id, n.id, who, its_kind, at_time, how_many, usually
    from app_user u join unit n on n.id = u.unit_id where u.id = who
    on conflict (owner_unit_id, user_id, kind) where acknowledged_at is null
    do update set count = greatest(reading_alert.count, excluded.count) $$;

-- Adds what is not there yet, if it fits. `most_of_purpose` and `most` come from the rules; a widening adds to both.
create function spend(its_meter text, named text[], most_of_purpose integer, most integer, at_time timestamptz, hours integer,
                      near_bits integer, near_questions integer,
                      out fits boolean, out spent integer, out bound integer, out renews_at timestamptz)
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare
    since timestamptz := at_time - make_interval(hours => hours);
    fresh text[]; in_all integer; of_purpose integer; more integer; over integer; near integer;
begin
    perform pg_advisory_xact_lock(hashtextextended('concord meter ' || acting_user(), 0));
    fresh := array(select distinct one from unnest(named) one where not exists (
        select from meter m where m.user_id = acting_user() and m.meter = its_meter and m.item = one and m.at > since));
    select count(*), count(*) filter (where m.purpose = acting_purpose()) into in_all, of_purpose
        from meter m where m.user_id = acting_user() and m.meter = its_meter and m.at > since;
    select coalesce(sum(w.more), 0) into more from widening w
        where w.user_id = acting_user() and w.meter = its_meter and w.confirmed_at > since;
    fits := cardinality(fresh) = 0
        or (in_all + cardinality(fresh) <= most + more and of_purpose + cardinality(fresh) <= most_of_purpose + more);
    if most_of_purpose - of_purpose <= most - in_all
    then spent := of_purpose; bound := most_of_purpose + more;
    else spent := in_all; bound := most + more;
    end if;
    if not fits then
        over := spent + cardinality(fresh) - bound;
        select m.at + make_interval(hours => hours) into renews_at from meter m
            where m.user_id = acting_user() and m.meter = its_meter and m.at > since
              and (spent = in_all or m.purpose = acting_purpose())
            order by m.at offset over - 1 limit 1;
        return;
    end if;
    insert into meter (user_id, meter, purpose, item, at)
        select acting_user(), its_meter, acting_purpose(), one, at_time from unnest(fresh) one;
    if its_meter = 'HASH' then
        select max(found.neighbours) into near from (
            select count(distinct m.item) as neighbours from unnest(fresh) one join meter m
                on m.user_id = acting_user() and m.meter = 'HASH' and m.at > at_time - interval '7 days' and m.item <> one
            where bit_count(('x' || one)::bit(256) # ('x' || m.item)::bit(256)) <= near_bits group by one) found;
        if near >= near_questions then
            perform alert_supervisor(acting_user(), 'NEAR-HASHES', at_time, near + 1, null);
        end if;
    end if;
end $$;

-- ---- slow reading -------------------------------------------------------------------------------------------------------

-- Sums of three spans of 24 hours that end now: the newest against the median of those of the 28 days before. Who calls it learns
-- nothing. What is older than all this looks at is forgotten.
create function watch_reading(at_time timestamptz, at_least integer, factor integer, above_much double precision)
    returns void
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare one record;
begin
    delete from meter where at < at_time - interval '35 days';
    for one in
        with days as (
            select m.user_id, floor(extract(epoch from at_time - m.at) / 86400)::integer as day, count(*) as read
            from meter m where m.meter = 'VIEW' and m.at > at_time - interval '31 days' and m.at <= at_time group by 1, 2
        ), sums as (
            select u.user_id, d.day, sum(coalesce(days.read, 0)) over (
                partition by u.user_id order by d.day rows between current row and 2 following) as read
            from (select distinct user_id from days) u cross join generate_series(0, 30) d(day)
                 left join days on days.user_id = u.user_id and days.day = d.day
        ), norms as (
            select s.user_id,
                   coalesce(percentile_cont(0.5) within group (order by s.read)
                            filter (where s.day between 3 and 28 and s.read > 0), 0) as norm,
                   coalesce(percentile_cont(0.9) within group (order by s.read)
                            filter (where s.day between 3 and 28 and s.read > 0), 0) as much
            from sums s group by 1
        )
        select s.user_id, s.read::integer, floor(n.norm)::integer as norm
        from sums s join norms n using (user_id)
        where s.day = 0 and s.read >= greatest(at_least, factor * n.norm, above_much * n.much)
          and not exists (select from reading_alert a where a.user_id = s.user_id and a.kind = 'READING'
                          and a.acknowledged_at > at_time - interval '7 days')
    loop
        perform alert_supervisor(one.user_id, 'READING', at_time, one.read, one.norm);
    end loop;
end $$;

-- ---- who supervises whom --------------------------------------------------------------------------------------------------

-- Whether somebody else than `besides` supervises a unit. Where nobody does, its country's data-protection officers stand in.
create function is_supervised(asked uuid, besides uuid) returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select exists (select from role_grant g join app_user u on u.id = g.user_id
                   where u.unit_id = asked and u.active and u.id <> besides and g.role = 'SUPERVISOR' and g.revoked_at is null) $$;

create policy supervisor on reading_alert for select to concord_app using (
    user_id <> (select acting_user()) and owner_unit_id = (select acting_unit()) and (select acting_has('SUPERVISOR')));
create policy stands_in on reading_alert for select to concord_app using (
    user_id <> (select acting_user()) and owner_country = (select acting_country())
    and (select acting_has('DATA-PROTECTION')) and not is_supervised(owner_unit_id, user_id));
create policy answers on reading_alert for update to concord_app
    using (user_id <> (select acting_user()) and owner_country = (select acting_country()))
    with check (acknowledged_by_id = (select acting_user()));
grant select on reading_alert to concord_app;
grant update (acknowledged_at, acknowledged_by_id, finding) on reading_alert to concord_app;

-- ---- widening: supervisors of the unit, and data protection of the country ---------------------------------------------------

create function acting_widens(its_unit uuid, its_country text) returns boolean stable language sql as $$
    select its_unit = acting_unit() and acting_has('SUPERVISOR')
        or its_country = acting_country() and acting_has('DATA-PROTECTION') $$;

create policy widens on widening for select to concord_app using (acting_widens(owner_unit_id, owner_country));
create policy asks on widening for insert to concord_app with check (
    acting_widens(owner_unit_id, owner_country) and asked_by_id = (select acting_user()) and confirmed_by_id is null
    and country_of_user(user_id) = (select acting_country()));
create policy confirms on widening for update to concord_app
    using (acting_widens(owner_unit_id, owner_country) and confirmed_by_id is null and asked_by_id <> (select acting_user()))
    with check (confirmed_by_id = (select acting_user()) and confirmed_at <= asked_at + interval '30 minutes');
grant select, insert on widening to concord_app;
grant update (confirmed_by_id, confirmed_at) on widening to concord_app;

revoke all on function alert_supervisor(uuid, text, timestamptz, integer, integer),
    spend(text, text[], integer, integer, timestamptz, integer, integer, integer),
    watch_reading(timestamptz, integer, integer, double precision),
    is_supervised(uuid, uuid), acting_widens(uuid, text) from public;
grant execute on function spend(text, text[], integer, integer, timestamptz, integer, integer, integer),
    watch_reading(timestamptz, integer, integer, double precision), is_supervised(uuid, uuid), acting_widens(uuid, text) to concord_app;
