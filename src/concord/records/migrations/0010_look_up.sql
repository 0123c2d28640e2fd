-- What an answer says of what the asker may not know, and all that a look-up by digest tells, in one statement.

-- ---- what an answer says of what the asker may not know ---------------------------------------------------------------

-- For these digests and fingerprints: whom to contact where something is restricted and not silent; that what the asker does
-- know is suspended (suspended); and which of them are hidden (neither). What is restricted in silence goes into the trace.
-- What restricts nothing is not even met: only guarded instances are looked at.
--
-- Silence and absence are the same work (docs/adr/0010). Where nothing guarded is met, one restricted file of another country
-- stands in: judged as any other, handed back as hidden, so that the caller looks it up in vain as well, and told to nobody. It
-- is looked for whatever is met; where no file that is restricted itself is there, anything guarded will do. What is near is
-- judged once, by however many of its fingerprints, and handed back with all of them, as what stands in is. One trace is
-- written whatever was met, of the same size. It repeats the policies of instance and contribution. Each kind is asked for by a
-- statement of its own, as most questions have one. Without sequential scans: its plans are made once a connection, perhaps
-- while the tables are empty still.
create function withheld(
    asked_md5 bytea[], asked_sha1 bytea[], asked_sha256 bytea[], asked_numbers bigint[], by_picture boolean)
    returns table (digest bytea, number bigint, suspended boolean, country text, unit text, channel text, hours text, time_zone text)
    security definer set search_path = pg_catalog, public set enable_seqscan = off set plan_cache_mode = force_generic_plan
    language plpgsql as $$
declare
    me constant text := acting_country();
    by_digest constant boolean := not (asked_sha256 = '{}' and asked_sha1 = '{}' and asked_md5 = '{}');
    stand_in instance%rowtype;
    ids uuid[] := '{}';       -- what is met by its digest
    digests bytea[] := '{}';
    near uuid[] := '{}';      -- what is met by a fingerprint
    instead bigint[];
    unused uuid[];
    one record;
    admitted boolean;
    in_sight boolean;
    silent uuid[] := '{}';
begin
    select * into stand_in from instance i where i.restriction_id is not null and i.has_bytes and i.owner_country > me
        order by i.owner_country limit 1;
    if not found then
        select * into stand_in from instance i where i.restriction_id is not null and i.has_bytes and i.owner_country < me
            order by i.owner_country limit 1;
    end if;
    if not found then
        select * into stand_in from instance i where i.guarded and i.owner_country > me order by i.owner_country limit 1;
    end if;
    if not found then
        select * into stand_in from instance i where i.guarded and i.owner_country < me order by i.owner_country limit 1;
    end if;
    if asked_md5 <> '{}' then
        select ids || array_agg(i.id), digests || array_agg(i.md5) into ids, digests
            from instance i where i.guarded and i.md5 = any(asked_md5);
    end if;
    if asked_sha1 <> '{}' then
        select ids || array_agg(i.id), digests || array_agg(i.sha1) into ids, digests
            from instance i where i.guarded and i.sha1 = any(asked_sha1);
    end if;
    if asked_sha256 <> '{}' then
        select ids || array_agg(i.id), digests || array_agg(i.sha256) into ids, digests
            from instance i where i.guarded and i.sha256 = any(asked_sha256);
    end if;
    if by_picture then
        select near || array_agg(distinct i.id) into near
            from fingerprint f join instance i on i.material_id = f.material_id and i.has_bytes and i.guarded
            where f.number = any(asked_numbers);
        -- Whoever met nothing meets what stands in; whoever met something, nothing.
        instead := array(select f.number from fingerprint f where f.material_id = stand_in.material_id);
        if near <> '{}' then
            instead := '{0}';
        end if;
        select array_agg(distinct i.id) into unused
            from fingerprint f join instance i on i.material_id = f.material_id and i.has_bytes and i.guarded
            where f.number = any(instead);
    end if;
    for one in
        select f.digest, f.stands_in, i.id,
               case when f.by_number then array(select p.number from fingerprint p where p.material_id = i.material_id)
                    else array[null::bigint] end as numbers, i.owner_country, i.owner_unit_id = acting_unit() as own,
               i.suspended or c.suspended as suspended,
               r.id is null or restriction_admits(r.id) as by_first, coalesce(r.silent, false) as first_silent,
               s.id is null or restriction_admits(s.id) as by_second, coalesce(s.silent, false) as second_silent
        from (
            select m.id, m.digest, false as by_number, false as stands_in from unnest(ids, digests) m(id, digest)
            union all
            select m.id, null, true, false from unnest(near) m(id)
            union all
            select stand_in.id, case when asked_sha256 <> '{}' then stand_in.sha256 when asked_sha1 <> '{}' then stand_in.sha1
                                     else stand_in.md5 end, false, true
            where by_digest and ids = '{}'
            union all
            select stand_in.id, null, true, true where by_picture and near = '{}') f
             join instance i on i.id = f.id join contribution c on c.id = i.contribution_id
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
        suspended := admitted;
        foreach number in array one.numbers loop
            return next;
        end loop;
        country := null; unit := null; channel := null; hours := null; time_zone := null;
    end loop;
    if silent = '{}' then
        silent := '{00000000-0000-0000-0000-000000000000}';
    end if;
    insert into ask_trace (at, unit_id, purpose, met) values (now(), acting_unit(), acting_purpose(), silent);
end $$;

-- ---- acts of one statement ---------------------------------------------------------------------------------------------

-- What such an act begins with, in a transaction of its own: whose name it is in, as act_as() takes it, and its audit entry. The last
-- of `who` says what the actor was when his token signed him in: that is confirmed instead, to the letter, so that whoever was
-- signed in before need not be asked for first. Whoever calls it has his own rights, and writes in his own name.
create function begin_act(who text[], verb text, at timestamptz, names text[]) returns void language plpgsql as $$
begin
    if coalesce(who[8], '') = '' then
        perform act_as(who);
    elsif not (still_stands(who) and set_acting(who)) then
        raise exception 'nobody of this standing acts here' using errcode = 'invalid_authorization_specification';
    end if;
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
    digests := null;
    -- Most files have neither, and to see that is quicker than to make ready for all that a person's row hangs on.
    if known <> '{}' and exists (select from appearance a where a.material_id = any(known)) then
        part := 'PERSON';
        for texts, ids in
            select array[coalesce(r.role, p.role), p.state, r.state]
                   || array(select f.state from person f where f.merged_into_id = coalesce(r.id, p.id)),
                   array[a.material_id, coalesce(r.id, p.id)]
            from appearance a join person p on p.id = a.person_id left join person r on r.id = p.merged_into_id
            where a.material_id = any(known)
        loop
            return next;
        end loop;
    end if;
    if known <> '{}' and exists (select from membership m where m.material_id = any(known)) then
        part := 'SERIES';
        for texts, ids in
            select array[coalesce(r.name, s.name)], array[m.material_id]
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

revoke all on function begin_act(text[], text, timestamptz, text[]),
    withheld(bytea[], bytea[], bytea[], bigint[], boolean) from public;
grant execute on function begin_act(text[], text, timestamptz, text[]), withheld(bytea[], bytea[], bytea[], bigint[], boolean)
    to concord_app;
