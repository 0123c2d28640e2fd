-- What nobody restricts costs next to nothing: an instance knows whether anything stands on it or on its contribution, and small
-- indexes hold only those. And everything that a look-up by digest tells comes in one statement.

-- ---- guarded ----------------------------------------------------------------------------------------------------------

-- Never by hand: whatever is written there is found out anew. The contribution is held still meanwhile: whoever restricts or
-- suspends it waits for the instance and then sees it, or is waited for and then seen.
create function instance_is_guarded() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    select new.restriction_id is not null or new.suspended or c.restriction_id is not null or c.suspended
        into strict new.guarded from contribution c where c.id = new.contribution_id for share;
    return new;
end $$;
create trigger is_guarded before insert or update of restriction_id, suspended, contribution_id, guarded on instance
    for each row execute function instance_is_guarded();

create function contribution_guards() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update instance set guarded = not guarded where contribution_id = new.id
        and guarded <> (restriction_id is not null or suspended or new.restriction_id is not null or new.suspended);
    return null;
end $$;
create trigger guards after update of restriction_id, suspended on contribution for each row
    when ((old.restriction_id is not null or old.suspended) <> (new.restriction_id is not null or new.suspended))
    execute function contribution_guards();

update instance i set guarded = true from contribution c where c.id = i.contribution_id
    and (i.restriction_id is not null or i.suspended or c.restriction_id is not null or c.suspended);

-- ---- what an answer says of what the asker may not know ---------------------------------------------------------------

-- As in 0008_restrictions, where it says what it does and why; but it looks among guarded instances alone. What restricts
-- nothing is not even met.
create or replace function withheld(
    asked_md5 bytea[], asked_sha1 bytea[], asked_sha256 bytea[], asked_numbers bigint[], by_picture boolean)
    returns table (digest bytea, number bigint, suspended boolean, country text, unit text, channel text, hours text, time_zone text)
    security definer set search_path = pg_catalog, public set enable_seqscan = off set plan_cache_mode = force_generic_plan
    language plpgsql as $$
declare
    me constant text := acting_country();
    by_digest constant boolean := not (asked_sha256 = '{}' and asked_sha1 = '{}' and asked_md5 = '{}');
    one record;
    admitted boolean;
    in_sight boolean;
    silent uuid[] := '{}';
begin
    for one in
        with asked as materialized (
            select i.md5 as digest, null::bigint as number, i.id from instance i where i.guarded and i.md5 = any(asked_md5)
            union all select i.sha1, null, i.id from instance i where i.guarded and i.sha1 = any(asked_sha1)
            union all select i.sha256, null, i.id from instance i where i.guarded and i.sha256 = any(asked_sha256)
            union all
            select null, f.number, i.id
            from fingerprint f join instance i on i.material_id = f.material_id and i.has_bytes and i.guarded
            where f.number = any(asked_numbers)
        ), stand_in as materialized (
            (select i.* from instance i where i.restriction_id is not null and i.has_bytes and i.owner_country > me
                order by i.owner_country limit 1)
            union all
            (select i.* from instance i where i.restriction_id is not null and i.has_bytes and i.owner_country < me
                order by i.owner_country limit 1)
            limit 1
        ), found as (
            select a.digest, a.number, a.id, false as stands_in from asked a
            union all
            select case when asked_sha256 <> '{}' then s.sha256 when asked_sha1 <> '{}' then s.sha1 else s.md5 end,
                   null, s.id, true
            from stand_in s where by_digest and not exists (select from asked a where a.digest is not null)
            union all
            select null, (select f.number from fingerprint f where f.material_id = s.material_id order by f.number limit 1),
                   s.id, true
            from stand_in s where by_picture and not exists (select from asked a where a.number is not null)
        )
        select f.digest, f.number, f.stands_in, i.id, i.owner_country, i.owner_unit_id = acting_unit() as own,
               i.suspended or c.suspended as suspended,
               r.id is null or restriction_admits(r.id) as by_first, coalesce(r.silent, false) as first_silent,
               s.id is null or restriction_admits(s.id) as by_second, coalesce(s.silent, false) as second_silent
        from found f join instance i on i.id = f.id join contribution c on c.id = i.contribution_id
             left join restriction r on r.id = i.restriction_id
             left join restriction s on s.id = nullif(c.restriction_id, i.restriction_id)
        where f.stands_in or i.basis = 'TRAINING' and c.basis = 'TRAINING' or acting_reach() = 'REAL'
    loop
        admitted := not one.stands_in and (one.own or one.by_first and one.by_second);
        in_sight := not one.stands_in and (one.own or not one.suspended or acting_is_hub());
        if admitted then
            if not (in_sight and one.suspended) then continue; end if;
        elsif in_sight and (one.first_silent and not one.by_first or one.second_silent and not one.by_second) then
            silent := silent || one.id;
        elsif in_sight then
            select b.country_id, b.name, b.channel, b.hours, b.time_zone into country, unit, channel, hours, time_zone
                from unit b where b.country_id = one.owner_country and b.is_bureau;
        end if;
        digest := one.digest;
        number := one.number;
        suspended := admitted;
        return next;
        country := null; unit := null; channel := null; hours := null; time_zone := null;
    end loop;
    if silent = '{}' then
        silent := '{00000000-0000-0000-0000-000000000000}';
    end if;
    insert into ask_trace (at, unit_id, purpose, met) values (now(), acting_unit(), acting_purpose(), silent);
end $$;

-- ---- acts of one statement ---------------------------------------------------------------------------------------------

-- What such an act begins with, in a transaction of its own: whose name it is in (country, unit, user, purpose, reach, roles, seat:
-- what database/acting.py sets), and its audit entry. Whoever calls it has his own rights, and writes in his own name.
create function begin_act(who text[], verb text, at timestamptz, names text[]) returns void language plpgsql as $$
begin
    perform set_config('concord.country', who[1], true), set_config('concord.unit', who[2], true),
            set_config('concord.user', who[3], true), set_config('concord.purpose', who[4], true),
            set_config('concord.reach', who[5], true), set_config('concord.roles', who[6], true),
            set_config('concord.seat', who[7], true);
    insert into audit_entry (id, at, owner_country, unit, "user", verb, outcome, purpose, item_count, items)
    values (gen_random_uuid(), at, acting_country(), acting_unit(), acting_user(), verb, 'DONE', acting_purpose(),
            cardinality(names), names);
end $$;

-- ---- all that a look-up by digest tells ---------------------------------------------------------------------------------

-- For digests of one kind, under the rights of whoever acts. `part` says what a row is:
--   HIDDEN     a digest, and in `texts` the bureau to contact, if one may be told
--   SUSPENDED  a digest that the asker knows and others do not
--   HELD       a holder: category and contact; its digests one behind the other, its materials in the same order
--   PERSON     of a material: role, then states; material and person
--   SERIES     of a material: its name
-- What is hidden is looked up like all else, and so is what stands in for it (docs/adr/0010). Whoever was merged is the person
-- that stays, and as far identified as any of them, as far as the asker knows of these.
do $$
declare kind text;
begin
    foreach kind in array array['md5', 'sha1', 'sha256']
    loop
        execute replace(replace($found$
create function found_by_KIND(who text[], verb text, at timestamptz, names text[], asked bytea[])
    returns table (part text, texts text[], digests bytea, ids uuid[])
    set search_path = pg_catalog, public set enable_seqscan = off set plan_cache_mode = force_generic_plan
    language plpgsql as $body$
declare
    wanted bytea[] := asked;
    known uuid[] := '{}';
begin
    perform begin_act(who, verb, at, names);
    for part, texts, digests in
        select case when w.suspended then 'SUSPENDED' else 'HIDDEN' end,
               case when w.country is not null then array[w.country, w.unit, w.channel, w.hours, w.time_zone] end, w.digest
        from withheld(GIVEN, '{}', false) w
    loop
        return next;
        wanted := wanted || digests;
    end loop;
    part := 'HELD';
    for texts, digests, ids in
        select array[h.category, n.country_id, n.name, n.channel, n.hours, n.time_zone], h.digests, h.materials
        from (
            select c.category, i.owner_unit_id, string_agg(i.KIND, '') as digests, array_agg(i.material_id) as materials
            from instance i join contribution c on c.id = i.contribution_id
            where i.KIND = any(wanted)
            group by c.category, i.owner_unit_id) h
        join unit n on n.id = h.owner_unit_id
    loop
        return next;
        known := known || ids;
    end loop;
    if known <> '{}' then
        for part, texts, digests, ids in
            select 'PERSON', array[coalesce(r.role, p.role), p.state, r.state]
                             || array(select f.state from person f where f.merged_into_id = coalesce(r.id, p.id)),
                   null::bytea, array[a.material_id, coalesce(r.id, p.id)]
            from appearance a join person p on p.id = a.person_id left join person r on r.id = p.merged_into_id
            where a.material_id = any(known)
            union all
            select 'SERIES', array[coalesce(r.name, s.name)], null, array[m.material_id]
            from membership m join series s on s.id = m.series_id left join series r on r.id = s.merged_into_id
            where m.material_id = any(known)
        loop
            return next;
        end loop;
    end if;
end $body$ $found$, 'KIND', kind), 'GIVEN', case kind when 'md5' then 'asked, ''{}'', ''{}''' when 'sha1' then '''{}'', asked, ''{}'''
                                                     else '''{}'', ''{}'', asked' end);
        execute format('revoke all on function found_by_%s(text[], text, timestamptz, text[], bytea[]) from public', kind);
        execute format('grant execute on function found_by_%s(text[], text, timestamptz, text[], bytea[]) to concord_app', kind);
    end loop;
end $$;

revoke all on function instance_is_guarded(), contribution_guards(), begin_act(text[], text, timestamptz, text[]) from public;
grant execute on function begin_act(text[], text, timestamptz, text[]) to concord_app;
