-- Restrictions by country, unit, sharing group, use and handling code; suspension by the hub; contacts and alerts.
-- The same rules in Python, with their reasons: access/rules.py. A test over random worlds keeps the two equal.

-- Until now there was one kind: own country only, and others were told nothing at all.
update restriction set countries = array[owner_country], silent = true;

-- ---- who is acting --------------------------------------------------------------------------------------------------

create function handling_rank(handling text) returns integer immutable parallel safe language sql as $$
    select array_position(array['OFFICIAL', 'RESTRICTED', 'CONFIDENTIAL'], handling) $$;

-- ---- restrictions ---------------------------------------------------------------------------------------------------

-- Every bound that is given must admit whoever acts. Null is no bound; what admits nobody is an empty list.
create function restriction_admits(asked uuid) returns boolean
    stable parallel safe security definer set search_path = pg_catalog, public language plpgsql as $$
declare
    r restriction%rowtype;
    own boolean;
begin
    select * into r from restriction where id = asked;
    if not found then
        return false;
    end if;
    if r.lifted_at is not null or r.until <= now() or r.owner_unit_id = acting_unit() then
        return true;
    end if;
    own := r.owner_country = acting_country();
    if not (own or r.countries is null or acting_country() = any(r.countries)) then
        return false;
    end if;
    if not (r.units is null or acting_unit() = any(r.units)) then
        return false;
    end if;
    if not (r.purposes is null or acting_purpose() = any(r.purposes)) then
        return false;
    end if;
    if not (own or r.groups is null or exists (select from group_member m where m.group_id = any(r.groups)
            and (m.country_id = acting_country() or m.unit_id = acting_unit()))) then
        return false;
    end if;
    return r.handling = 'OFFICIAL' or exists (select from app_user u
        where u.id = acting_user() and handling_rank(u.clearance) >= handling_rank(r.handling));
end $$;

-- Whether a restriction of the acting country is in force, for whoever meets what it stands on and may not read it.
create function restriction_stands(asked uuid) returns boolean
    stable parallel safe security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    return exists (select from restriction r where r.id = asked and r.owner_country = acting_country()
                   and r.lifted_at is null and (r.until is null or r.until > now()));
end $$;

-- Whether a glass shows a material in spite of a restriction, and the same for what other things are about. There are none yet:
-- access/0007_duty.sql puts the true answers into their place.
create function glass_shows(asked uuid, its_material uuid) returns boolean
    stable parallel safe security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    return false;
end $$;

create function glass_shows_head(asked uuid, head text, record uuid) returns boolean
    stable parallel safe security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    return false;
end $$;

-- ---- what nobody restricts costs next to nothing ------------------------------------------------------------------------

-- An instance knows whether anything stands on it or on its contribution, and small indexes hold only those that do. Whatever is
-- not guarded is known to whoever meets its basis. A contribution of another basis guards it as well.
-- Never by hand: whatever is written there is found out anew. The contribution is held still meanwhile: whoever restricts or
-- suspends it waits for the instance and then sees it, or is waited for and then seen.
create function instance_is_guarded() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    select new.restriction_id is not null or new.suspended or c.restriction_id is not null or c.suspended
           or new.basis <> c.basis
        into strict new.guarded from contribution c where c.id = new.contribution_id for share;
    return new;
end $$;
create trigger is_guarded before insert or update of restriction_id, suspended, contribution_id, basis, guarded on instance
    for each row execute function instance_is_guarded();

create function contribution_guards() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update instance set guarded = not guarded where contribution_id = new.id
        and guarded <> (restriction_id is not null or suspended or new.restriction_id is not null or new.suspended
                        or basis <> new.basis);
    return null;
end $$;
create trigger guards after update of restriction_id, suspended on contribution for each row
    when ((old.restriction_id is not null or old.suspended) <> (new.restriction_id is not null or new.suspended))
    execute function contribution_guards();

update instance i set guarded = true from contribution c where c.id = i.contribution_id
    and (i.restriction_id is not null or i.suspended or c.restriction_id is not null or c.suspended or i.basis <> c.basis);

-- What a record is about, to those who know of it. Functions and not subqueries of the policies: a statement sets up every
-- subquery of every table that it names, met or not, and a subquery's own policies with it; that was half of what a look-up
-- by digest took.
do $$
declare head text;
begin
    foreach head in array array['contribution', 'person', 'series']
    loop
        execute format('create function %1$s_shows(asked uuid, its_material uuid) returns boolean
            stable parallel safe language plpgsql as $body$
            begin
                return exists (select from public.%1$s h where h.id = asked and (h.restriction_id is null
                    or public.restriction_admits(h.restriction_id) or public.glass_shows(h.restriction_id, its_material)));
            end $body$', head);
    end loop;
end $$;
create function material_shows(asked uuid) returns boolean stable parallel safe language plpgsql as $$
begin
    return exists (select from public.material m where m.id = asked);
end $$;

-- The unit that says something knows it. Others know it unless it is suspended (the hub knows it all the same) or its
-- restriction does not admit them; and where it is about something else, where they know of that as well. A glass is an
-- exception for one material, not for the others of the same contribution, person or series: hence the second look at the
-- restriction of these. Nowhere else are these policies written.
do $$
declare
    name text;
    open constant text := '(not suspended or (select acting_is_hub())) and (restriction_id is null or restriction_admits(restriction_id)';
begin
    foreach name in array array['contribution', 'person', 'series', 'instance', 'appearance', 'membership', 'statement']
    loop
        execute format('drop policy own on %I', name);
        execute format('drop policy shared on %I', name);
        execute format('create policy own on %I for select to concord_app using (owner_unit_id = (select acting_unit()))', name);
    end loop;
    foreach name in array array['contribution', 'person', 'series']
    loop
        execute format('create policy shared on %1$I for select to concord_app using (%2$s
            or glass_shows_head(restriction_id, %1$L, id)))', name, open);
    end loop;
    execute format('create policy shared on instance for select to concord_app using (not guarded or %s
        or glass_shows(restriction_id, material_id)) and contribution_shows(contribution_id, material_id))', open);
    execute format('create policy shared on statement for select to concord_app using (%s
        or glass_shows(restriction_id, material_id)) and exists (select from instance i where i.id = instance_id))', open);
    execute format('create policy shared on appearance for select to concord_app using (%s
        or glass_shows(restriction_id, material_id)) and person_shows(person_id, material_id) and material_shows(material_id))', open);
    execute format('create policy shared on membership for select to concord_app using (%s
        or glass_shows(restriction_id, material_id)) and series_shows(series_id, material_id) and material_shows(material_id))', open);
    -- Cases are never shared abroad; within the country a restriction holds for them too.
    drop policy own on "case";
    execute format('create policy own on "case" for select to concord_app using (owner_unit_id = (select acting_unit())
        or owner_country = (select acting_country()) and %s))', open);
end $$;
drop function restriction_permits(uuid);

-- A restriction tells by its audience and its reason more than what it hides: its own unit alone reads and changes it.
drop policy own on restriction;
create policy own on restriction for select to concord_app using (owner_unit_id = (select acting_unit()));
create policy changes on restriction for update to concord_app
    using (owner_unit_id = (select acting_unit())) with check (owner_unit_id = (select acting_unit()));
grant update (reason, countries, units, groups, purposes, handling, silent, until, lifted_at) on restriction to concord_app;

-- Puts a restriction of the acting unit on what the acting unit says. What it says of the materials of a contribution, and
-- did not restrict otherwise, goes with that, unless it shares these materials by another one. False: not its record.
create function restrict_record(subject text, asked uuid, bound uuid) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare
    touched bigint;
    name text;
begin
    if subject not in ('contribution', 'instance', 'statement', 'person', 'appearance', 'series', 'membership')
       or not exists (select from restriction r where r.id = bound and r.owner_unit_id = acting_unit()) then
        return false;
    end if;
    execute format('update %I set restriction_id = $1 where id = $2 and owner_unit_id = $3', subject)
        using bound, asked, acting_unit();
    get diagnostics touched = row_count;
    if touched > 0 and subject = 'contribution' then
        foreach name in array array['appearance', 'membership']
        loop
            execute format('update %I said set restriction_id = $1 where said.owner_unit_id = $3 and said.restriction_id is null
                and said.material_id in (select i.material_id from instance i where i.contribution_id = $2)
                and not exists (select from instance i join contribution c on c.id = i.contribution_id
                    where i.material_id = said.material_id and i.owner_unit_id = $3 and c.id <> $2
                    and i.restriction_id is null and c.restriction_id is null)', name)
                using bound, asked, acting_unit();
        end loop;
    end if;
    return touched > 0;
end $$;

-- ---- sharing groups -------------------------------------------------------------------------------------------------

create function group_has_me(asked uuid) returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select exists (select from group_member m where m.group_id = asked
                   and (m.country_id = acting_country() or m.unit_id = acting_unit())) $$;

create policy own on sharing_group for select to concord_app using (owner_unit_id = (select acting_unit()));
create policy belongs on sharing_group for select to concord_app using (group_has_me(id));
create policy says on sharing_group for insert to concord_app
    with check (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit())
                and author_id = (select acting_user()));
create policy follows on group_member for select to concord_app using (group_id in (select g.id from sharing_group g));
create policy says on group_member for insert to concord_app with check (
    exists (select from sharing_group g where g.id = group_id and g.owner_unit_id = (select acting_unit())));
create policy takes_out on group_member for delete to concord_app using (
    exists (select from sharing_group g where g.id = group_id and g.owner_unit_id = (select acting_unit())));
grant select, insert on sharing_group to concord_app;
grant select, insert, delete on group_member to concord_app;

-- ---- suspension by the hub ------------------------------------------------------------------------------------------

create policy own on suspension for select to concord_app
    using (owner_unit_id = (select acting_unit()) or (select acting_is_hub()));
grant select on suspension to concord_app;

-- Null: no such record, or suspended already.
create function suspend_record(its_subject text, asked uuid, why text) returns uuid
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare
    country text;
    unit uuid;
    made uuid := gen_random_uuid();
begin
    if not acting_is_hub() then
        raise exception 'only the hub suspends' using errcode = 'insufficient_privilege';
    end if;
    if lower(its_subject) not in ('contribution', 'instance', 'statement', 'person', 'appearance', 'series', 'membership') then
        return null;
    end if;
    execute format('update %I set suspended = true where id = $1 and not suspended returning owner_country, owner_unit_id',
                   lower(its_subject)) into country, unit using asked;
    if unit is null then
        return null;
    end if;
    insert into suspension (id, owner_country, owner_unit_id, subject, record, reason, suspended_by_id, since)
    values (made, country, unit, its_subject, asked, why, acting_user(), now());
    return made;
end $$;

-- False: no such suspension, or lifted already.
create function lift_suspension(asked uuid) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare
    ended suspension%rowtype;
begin
    if not acting_is_hub() then
        raise exception 'only the hub suspends' using errcode = 'insufficient_privilege';
    end if;
    update suspension set lifted_at = now(), lifted_by_id = acting_user() where id = asked and lifted_at is null
        returning * into ended;
    if not found then
        return false;
    end if;
    execute format('update %I set suspended = false where id = $1', lower(ended.subject)) using ended.record;
    return true;
end $$;

-- ---- alerts ---------------------------------------------------------------------------------------------------------

create policy own on alert for select to concord_app using (owner_unit_id = (select acting_unit()));
create policy answers on alert for update to concord_app
    using (owner_unit_id = (select acting_unit())) with check (owner_unit_id = (select acting_unit()));
create policy reach on alert as restrictive to concord_app using (basis = 'TRAINING' or (select acting_reach()) = 'REAL');
grant select on alert to concord_app;
grant update (acknowledged_at, acknowledged_by_id, answered) on alert to concord_app;

-- Traces that are committed become alerts; those that another process is at are left to it. Who calls it learns nothing.
create function settle_traces(response_hours integer) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    with taken as (
        delete from ask_trace where number in (select t.number from ask_trace t for update skip locked)
        returning at, unit_id, purpose, met
    ), asked as (
        select i.owner_country, i.owner_unit_id, i.material_id, t.unit_id, t.purpose, min(t.at) as first_at, max(t.at) as last_at,
               count(distinct t.at) as times, min(i.basis) filter (where i.basis <> 'TRAINING') as real_basis
        from taken t cross join unnest(t.met) as one(id) join instance i on i.id = one.id
        group by 1, 2, 3, 4, 5
    )
    insert into alert (id, owner_country, owner_unit_id, material_id, basis, asker_unit_id, purpose, at, last_at, times, due_at)
    select gen_random_uuid(), owner_country, owner_unit_id, material_id, coalesce(real_basis, 'TRAINING'), unit_id, purpose,
           first_at, last_at, times, first_at + response_hours * interval '1 hour'
    from asked
    on conflict (owner_unit_id, material_id, asker_unit_id, purpose) where acknowledged_at is null
    do update set last_at = greatest(alert.last_at, excluded.last_at), times = alert.times + excluded.times $$;

-- All that the hub learns of alerts.
create function overdue_alerts() returns table (country text, overdue bigint)
    stable security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if not acting_is_hub() then
        raise exception 'only the hub sees what is overdue' using errcode = 'insufficient_privilege';
    end if;
    return query select a.owner_country, count(*) from alert a
        where a.acknowledged_at is null and a.due_at <= now() group by 1 order by 1;
end $$;

-- The administrator of a user's country clears him, as it grants him roles; the policy stands in access/0004.
grant update (clearance) on app_user to concord_app;

-- ---- for each new table -----------------------------------------------------------------------------------------------

do $$
declare name text;
begin
    foreach name in array array['sharing_group', 'group_member', 'suspension', 'ask_trace', 'alert']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy somebody on %I as restrictive to concord_app
            using ((select acting_country()) is not null)', name);
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;

revoke all on function restriction_stands(uuid), glass_shows(uuid, uuid), glass_shows_head(uuid, text, uuid), handling_rank(text),
    restriction_admits(uuid), restrict_record(text, uuid, uuid),
    instance_is_guarded(), contribution_guards(), contribution_shows(uuid, uuid), person_shows(uuid, uuid),
    series_shows(uuid, uuid), material_shows(uuid), group_has_me(uuid), suspend_record(text, uuid, text),
    lift_suspension(uuid), settle_traces(integer), overdue_alerts() from public;
grant execute on function restriction_stands(uuid), glass_shows(uuid, uuid), glass_shows_head(uuid, text, uuid), restriction_admits(uuid),
    restrict_record(text, uuid, uuid),
    contribution_shows(uuid, uuid), person_shows(uuid, uuid), series_shows(uuid, uuid), material_shows(uuid), group_has_me(uuid),
    suspend_record(text, uuid, text), lift_suspension(uuid),
    settle_traces(integer), overdue_alerts() to concord_app;
