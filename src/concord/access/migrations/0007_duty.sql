-- Four eyes, break-glass, erasing. The rules of access/approval.py and access/glass.py once more, held by the database; what
-- has to be settled between two who come at the same moment is settled here alone.

create function acting_seat() returns uuid stable parallel safe language sql as $$ select acting('seat')::uuid $$;

create function acting_is_bureau() returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select coalesce((select u.is_bureau from unit u where u.id = acting_unit()), false) $$;

-- ---- who decides --------------------------------------------------------------------------------------------------------

create function duty_roles(kind text) returns text[] immutable parallel safe language sql as $$
    select case kind
        when 'EXPORT' then array['SUPERVISOR', 'NATIONAL-ADMINISTRATOR', 'HUB-ADMINISTRATOR']
        when 'REVEAL' then array['SUPERVISOR', 'NATIONAL-ADMINISTRATOR', 'HUB-ADMINISTRATOR']
        when 'ERASE' then array['SUPERVISOR', 'DATA-PROTECTION']
        when 'POLICY' then array['NATIONAL-ADMINISTRATOR', 'HUB-ADMINISTRATOR']
        when 'KEY' then array['NATIONAL-ADMINISTRATOR', 'HUB-ADMINISTRATOR']
        else '{}'::text[] end $$;

-- A supervisor's word holds for his own unit, and from the bureau for all; the others' for the country.
create function acting_decides(kind text, unit uuid) returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select exists (select from unnest(duty_roles(kind)) role where acting_has(role)
                   and (role <> 'SUPERVISOR' or acting_unit() = unit or acting_is_bureau())) $$;

create function entitled_people(kind text, country text, its_unit uuid) returns integer
    stable security definer set search_path = pg_catalog, public language sql as $$
    select count(distinct u.id)::integer
    from role_grant g join app_user u on u.id = g.user_id join unit n on n.id = u.unit_id
    where g.revoked_at is null and u.active and n.country_id = country and g.role = any(duty_roles(kind))
      and (g.role <> 'SUPERVISOR' or n.id = its_unit or n.is_bureau) $$;

-- ---- requests and decisions -----------------------------------------------------------------------------------------------

alter table approval
    add constraint approval_digest check (subject_sha256 = sha256(convert_to(subject, 'UTF8'))),
    add constraint approval_decided check (num_nulls(decided_by_id, decided_seat, decided_at, approved) in (0, 4)),
    add constraint approval_two_persons check (decided_by_id <> requested_by_id),
    add constraint approval_two_seats check (decided_seat <> requested_seat),
    add constraint approval_decided_soon check (decided_at between requested_at and requested_at + interval '30 minutes'),
    add constraint approval_used_soon check (
        used_at is null or (approved is true and used_at between decided_at and decided_at + interval '30 minutes'));

alter table approval add column used_in xid8;   -- the transaction that used it up, for the triggers that ask for it below

create policy own on approval for select to concord_app using (requested_by_id = (select acting_user()));
create policy decides on approval for select to concord_app using (
    owner_country = (select acting_country()) and acting_decides(kind, owner_unit_id));
create policy asks on approval for insert to concord_app with check (
    owner_country = (select acting_country()) and owner_unit_id = (select acting_unit())
    and requested_by_id = (select acting_user()) and requested_seat = (select acting_seat())
    and decided_at is null and used_at is null);
grant select, insert on approval to concord_app;

-- What stands stays: a request is decided once, an approval used once, and nothing of it goes.
create function stays() returns trigger language plpgsql as $$
begin
    raise exception '% rows stay', tg_table_name using errcode = 'restrict_violation';
end $$;

create function approval_changes() returns trigger language plpgsql as $$
begin
    if (old.id, old.owner_country, old.owner_unit_id, old.kind, old.subject, old.subject_sha256, old.counts, old.reason,
        old.purpose, old.requested_by_id, old.requested_seat, old.requested_at)
       is distinct from
       (new.id, new.owner_country, new.owner_unit_id, new.kind, new.subject, new.subject_sha256, new.counts, new.reason,
        new.purpose, new.requested_by_id, new.requested_seat, new.requested_at)
       or old.decided_at is not null and (old.decided_by_id, old.decided_seat, old.decided_at, old.approved, old.decision)
       is distinct from (new.decided_by_id, new.decided_seat, new.decided_at, new.approved, new.decision)
       or old.used_at is not null then
        raise exception 'approvals are not changed' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger stays before delete on approval for each row execute function stays();
create trigger stays_all before truncate on approval for each statement execute function stays();
create trigger changes before update on approval for each row execute function approval_changes();

-- As a second of another country's: `asked` is the kind. Only as long as he decides the same at home, at a bureau or the hub.
create function acting_decides_elsewhere(kind text) returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select (acting_is_bureau() or acting_is_hub()) and exists (select from unnest(duty_roles(kind)) role where acting_has(role)) $$;
create function acting_is_second(asked text, country text, its_unit uuid) returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select exists (select from second_person s where s.user_id = acting_user() and s.kind = asked
                   and s.owner_country = country and s.ended_at is null)
           and acting_decides_elsewhere(asked) and entitled_people(asked, country, its_unit) < 2 $$;

-- What a second is shown: kind, reason, counts. Neither the subject nor who asked.
create function duty_of_others()
    returns table (id uuid, kind text, country text, counts text, reason text, requested_at timestamptz,
                   decided_at timestamptz, approved boolean, used_at timestamptz)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select a.id, a.kind, a.owner_country, a.counts, a.reason, a.requested_at, a.decided_at, a.approved, a.used_at
    from approval a
    where a.owner_country <> acting_country() and (a.decided_at is null or a.decided_by_id = acting_user())
      and acting_is_second(a.kind, a.owner_country, a.owner_unit_id)
    order by a.requested_at desc, a.id limit 1000 $$;

-- What a decision depends on; nothing where the request is none of the actor's business.
create function duty_of(asked uuid)
    returns table (kind text, country text, unit uuid, requested_by uuid, requested_seat uuid, requested_at timestamptz,
                   decided_by uuid, decided_seat uuid, decided_at timestamptz, approved boolean, used_at timestamptz,
                   is_bureau boolean, is_second boolean, entitled integer)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select a.kind, a.owner_country, a.owner_unit_id, a.requested_by_id, a.requested_seat, a.requested_at,
           a.decided_by_id, a.decided_seat, a.decided_at, a.approved, a.used_at,
           acting_is_bureau(), s.second, entitled_people(a.kind, a.owner_country, a.owner_unit_id)
    from approval a, lateral (select exists (
        select from second_person p where p.user_id = acting_user() and p.kind = a.kind
        and p.owner_country = a.owner_country and p.ended_at is null) and acting_decides_elsewhere(a.kind) as second) s
    where a.id = asked and (a.requested_by_id = acting_user() or s.second
        or (a.owner_country = acting_country() and acting_decides(a.kind, a.owner_unit_id))) $$;

-- False: somebody was faster, it is too old, or it is not the actor's to decide.
create function decide_approval(asked uuid, says boolean, words text, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update approval a
    set decided_by_id = acting_user(), decided_seat = acting_seat(), decided_at = at, approved = says, decision = words
    where a.id = asked and a.decided_at is null and a.requested_by_id <> acting_user() and a.requested_seat <> acting_seat()
      and at between a.requested_at and a.requested_at + interval '30 minutes'
      and (a.owner_country = acting_country() and acting_decides(a.kind, a.owner_unit_id)
           or a.owner_country <> acting_country() and acting_is_second(a.kind, a.owner_country, a.owner_unit_id));
    return found;
end $$;

-- The approval that this act uses up; null: none that is good. Of two who come at once the second gets none.
create function use_approval(its_kind text, its_digest bytea, at timestamptz) returns uuid
    security definer set search_path = pg_catalog, public language sql as $$
    update approval set used_at = at, used_in = pg_current_xact_id() where id = (
        select a.id from approval a
        where a.requested_by_id = acting_user() and a.kind = its_kind and a.subject_sha256 = its_digest
          and a.approved and a.used_at is null and a.decided_seat <> acting_seat()
          and at between a.decided_at and a.decided_at + interval '30 minutes'
        order by a.decided_at limit 1 for update skip locked)
    and used_at is null returning id $$;

-- ---- letting more people know of much ---------------------------------------------------------------------------------------

-- What hides more than 100 instances is lifted or widened by two persons: whichever way is taken, these triggers ask for an approval
-- of exactly this that was used up in the same transaction. Nobody acts where the administration changes something itself.
create function used_here(its_subject text) returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select exists (select from approval a where a.requested_by_id = acting_user() and a.kind = 'POLICY' and a.subject = its_subject
                   and a.used_at is not null and a.used_in = pg_current_xact_id()) $$;

-- How many instances these restrictions of the acting unit hide; of very many, only that they are more than 100.
create function restrictions_hide(asked uuid[]) returns integer
    stable security definer set search_path = pg_catalog, public language sql as $$
    select count(*)::integer from (
        (select i.id from restriction r join instance i on i.restriction_id = r.id
         where r.id = any(asked) and r.owner_unit_id = acting_unit() limit 101)
        union
        (select i.id from restriction r join contribution c on c.restriction_id = r.id join instance i on i.contribution_id = c.id
         where r.id = any(asked) and r.owner_unit_id = acting_unit() limit 101)) hidden $$;

-- The rule of access/wider.py: not every bound is as narrow as it was.
create function restriction_widens(before restriction, after restriction) returns boolean stable language sql as $$
    select before.lifted_at is null and (before.until is null or before.until > now()) and not (
        after.lifted_at is null
        and (before.countries is null or coalesce(after.countries <@ (before.countries || before.owner_country), false))
        and (before.units is null or coalesce(after.units <@ (before.units || before.owner_unit_id), false))
        and (before.groups is null or coalesce(after.groups <@ before.groups, false))
        and (before.purposes is null or coalesce(after.purposes <@ before.purposes, false))
        and handling_rank(after.handling) >= handling_rank(before.handling)
        and (after.silent or not before.silent)
        and (after.until is null or coalesce(after.until >= before.until, false))) $$;

-- What is approved: the restriction as it is to stand. The same text as in actions/restrict.py.
create function terms_of(r restriction) returns text stable language sql as $$
    select case when r.lifted_at is not null then 'lift restriction ' || r.id else concat_ws(E'\n', 'widen restriction ' || r.id,
        'countries ' || array_to_string(r.countries, ' '), 'units ' || array_to_string(r.units, ' '),
        'groups ' || array_to_string(r.groups, ' '), 'purposes ' || array_to_string(r.purposes, ' '),
        'handling ' || r.handling, case when r.silent then 'silent' end,
        'until ' || to_char(r.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) end $$;

create function demand_second(its_subject text, restrictions uuid[]) returns void
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if restrictions_hide(restrictions) > 100 and not used_here(its_subject) then
        raise exception 'to let more people know of so much needs a second person' using errcode = 'insufficient_privilege';
    end if;
end $$;

create function restriction_changes() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if coalesce(current_setting('concord.unit', true), '') <> '' and restriction_widens(old, new) then
        perform demand_second(terms_of(new), array[new.id]);
    end if;
    return new;
end $$;
create trigger widens before update on restriction for each row execute function restriction_changes();

-- The program changes in place what a contribution carries; another one in its place is no way round.
create function contribution_is_opened() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare before restriction%rowtype; after restriction%rowtype;
begin
    if coalesce(current_setting('concord.unit', true), '') <> '' then
        select * into before from restriction where id = old.restriction_id;
        select * into after from restriction where id = new.restriction_id;
        if after.id is null or restriction_widens(before, after) then
            perform demand_second(format('replace restriction %s of contribution %s', before.id, new.id), array[before.id]);
        end if;
    end if;
    return new;
end $$;
create trigger opens before update of restriction_id on contribution for each row
    when (old.restriction_id is not null and old.restriction_id is distinct from new.restriction_id)
    execute function contribution_is_opened();

create function group_widens() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if coalesce(current_setting('concord.unit', true), '') <> '' then
        perform demand_second(format('take %s into group %s', coalesce(new.country_id, new.unit_id::text), new.group_id), array(
            select r.id from restriction r where new.group_id = any(r.groups) and r.lifted_at is null
            and (r.until is null or r.until > now())));
    end if;
    return new;
end $$;
create trigger widens before insert on group_member for each row execute function group_widens();

-- ---- seconds --------------------------------------------------------------------------------------------------------------

create policy own on second_person for select to concord_app using (owner_country = (select acting_country()));
create policy self on second_person for select to concord_app using (user_id = (select acting_user()));
create policy home on second_person for select to concord_app using (
    user_country = (select acting_country()) and (select acting_oversees()));
grant select on second_person to concord_app;
create trigger stays before delete on second_person for each row execute function stays();

-- NAMED, or why not: UNKNOWN (nobody active at another's bureau or the hub who decides this at home), ENOUGH of one's own.
create function name_second(asked text, who uuid, at timestamptz) returns text
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare bureau uuid; home record;
begin
    if not acting_administers() then
        raise exception 'only an administrator names a second' using errcode = 'insufficient_privilege';
    end if;
    perform from country where code = acting_country() for update;
    select n.id into bureau from unit n where n.country_id = acting_country() and n.is_bureau;
    if entitled_people(asked, acting_country(), bureau) >= 2 then return 'ENOUGH'; end if;
    select n.country_id, n.id into home
    from app_user u join unit n on n.id = u.unit_id join country l on l.code = n.country_id
    where u.id = who and u.active and n.country_id <> acting_country() and (n.is_bureau or l.is_hub)
      and exists (select from role_grant g where g.user_id = u.id and g.revoked_at is null and g.role = any(duty_roles(asked)));
    if not found then return 'UNKNOWN'; end if;
    if not exists (select from second_person s where s.owner_country = acting_country() and s.kind = asked
                   and s.user_id = who and s.ended_at is null) then
        insert into second_person (id, owner_country, kind, user_id, user_country, user_unit_id, named_by_id, named_at)
        values (gen_random_uuid(), acting_country(), asked, who, home.country_id, home.id, acting_user(), at);
    end if;
    return 'NAMED';
end $$;

create function end_second(asked text, who uuid, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update second_person set ended_at = at
    where owner_country = acting_country() and kind = asked and user_id = who and ended_at is null and acting_administers();
    return found;
end $$;

-- ---- break-glass ------------------------------------------------------------------------------------------------------------

create policy opener on glass for select to concord_app using (opened_by_id = (select acting_user()));
create policy supervises on glass for select to concord_app using (
    opener_country = (select acting_country())
    and ((select acting_has('DATA-PROTECTION') or acting_has('AUDITOR'))
         or (select acting_has('SUPERVISOR')) and (opener_unit_id = (select acting_unit()) or (select acting_is_bureau()))));
create policy owner on glass for select to concord_app using (
    owner_country = (select acting_country())
    and (select acting_is_bureau() or acting_has('SUPERVISOR') or acting_has('DATA-PROTECTION') or acting_has('AUDITOR')
                or acting_has('NATIONAL-ADMINISTRATOR')));
grant select on glass to concord_app;

alter table glass
    add constraint glass_supervised check (
        num_nulls(supervised_by_id, supervised_at, supervisor_finding, supervisor_words) in (0, 4)
        and supervisor_finding in ('JUSTIFIED', 'NOT-JUSTIFIED') and supervised_by_id <> opened_by_id),
    add constraint glass_answered check (
        num_nulls(answered_by_id, answered_at, owner_finding, owner_words) in (0, 4)
        and owner_finding in ('JUSTIFIED', 'NOT-JUSTIFIED') and answered_by_id <> opened_by_id
        and (answered_by_id <> supervised_by_id));

-- It closes, and each side finds, once. Nobody moves its clock, and nobody deletes it: the owner of the tables neither.
create function glass_changes() returns trigger language plpgsql as $$
begin
    if (old.id, old.owner_country, old.material, old.case_id, old.opened_by_id, old.opener_unit_id, old.opener_country,
        old.seat, old.emergency, old.reason, old.purpose, old.opened_at, old.expires_at)
       is distinct from
       (new.id, new.owner_country, new.material, new.case_id, new.opened_by_id, new.opener_unit_id, new.opener_country,
        new.seat, new.emergency, new.reason, new.purpose, new.opened_at, new.expires_at)
       or old.closed_at is not null and old.closed_at is distinct from new.closed_at
       or old.supervised_at is not null and (old.supervised_by_id, old.supervised_at, old.supervisor_finding, old.supervisor_words)
       is distinct from (new.supervised_by_id, new.supervised_at, new.supervisor_finding, new.supervisor_words)
       or old.answered_at is not null and (old.answered_by_id, old.answered_at, old.owner_finding, old.owner_words)
       is distinct from (new.answered_by_id, new.answered_at, new.owner_finding, new.owner_words) then
        raise exception 'a review is not changed' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger stays before delete on glass for each row execute function stays();
create trigger stays_all before truncate on glass for each statement execute function stays();
create trigger changes before update on glass for each row execute function glass_changes();

-- The database's own clock; null: no such country, or no such case of one's own unit.
create function open_glass(country text, its_material uuid, its_case uuid, its_emergency text, words text)
    returns table (id uuid, expires_at timestamptz)
    security definer set search_path = pg_catalog, public language sql as $$
    insert into glass (id, owner_country, material, case_id, opened_by_id, opener_unit_id, opener_country, seat, emergency,
                       reason, purpose, opened_at, expires_at)
    select gen_random_uuid(), l.code, its_material, its_case, acting_user(), acting_unit(), acting_country(), acting_seat(),
           its_emergency, words, acting_purpose(), now(), now() + interval '1 hour'
    from country l where l.code = country
      and (its_case is null or exists (select from "case" c where c.id = its_case and c.owner_unit_id = acting_unit()))
    returning glass.id, glass.expires_at $$;

create function close_glass(asked uuid) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update glass g set closed_at = now()
    where g.id = asked and g.opened_by_id = acting_user() and g.closed_at is null and g.expires_at > now();
    return found;
end $$;

-- The findings of either side; false: given already, or not the actor's to give.
create function review_glass(asked uuid, side text, finding text, words text, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if side = 'OPENER' then
        update glass g set supervised_by_id = acting_user(), supervised_at = at, supervisor_finding = finding,
                           supervisor_words = words
        where g.id = asked and g.supervised_at is null and g.opened_by_id <> acting_user()
          and g.answered_by_id is distinct from acting_user() and g.opener_country = acting_country()
          and (acting_has('DATA-PROTECTION')
               or acting_has('SUPERVISOR') and (g.opener_unit_id = acting_unit() or acting_is_bureau()));
    else
        update glass g set answered_by_id = acting_user(), answered_at = at, owner_finding = finding, owner_words = words
        where g.id = asked and g.answered_at is null and g.opened_by_id <> acting_user()
          and g.supervised_by_id is distinct from acting_user() and g.owner_country = acting_country()
          and (acting_has('SUPERVISOR') or acting_has('DATA-PROTECTION') or acting_has('NATIONAL-ADMINISTRATOR'));
    end if;
    return found;
end $$;

-- Whether a glass of the actor's, open in his own session, shows this material in spite of this restriction. Bounds by use and
-- handling code hold all the same, and what is silent stays silent: to show it would tell that it is there.
create or replace function glass_shows(asked uuid, its_material uuid) returns boolean
    stable parallel safe security definer set search_path = pg_catalog, public language plpgsql as $$
declare r restriction%rowtype;
begin
    if not exists (select from glass g where g.opened_by_id = acting_user() and g.expires_at > now()) then
        return false;
    end if;
    select * into r from restriction where id = asked;
    return found and not r.silent and (r.purposes is null or acting_purpose() = any(r.purposes))
        and (r.handling = 'OFFICIAL' or exists (select from app_user u
             where u.id = acting_user() and handling_rank(u.clearance) >= handling_rank(r.handling)))
        and exists (select from glass g where g.opened_by_id = acting_user() and g.seat = acting_seat()
                    and g.closed_at is null and g.opened_at <= now() and g.expires_at > now()
                    and g.owner_country = r.owner_country and (g.material is null or g.material = its_material)
                    and (g.case_id is null or exists (
                        select from instance i where i.case_id = g.case_id and i.material_id = its_material)));
end $$;

-- The same for what other things are about: by any of the materials that it has to do with.
create or replace function glass_shows_head(asked uuid, head text, record uuid) returns boolean
    stable parallel safe security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if not exists (select from glass g where g.opened_by_id = acting_user() and g.expires_at > now()) then
        return false;
    end if;
    return case head
        when 'contribution' then exists (select from instance i where i.contribution_id = record and glass_shows(asked, i.material_id))
        when 'person' then exists (select from appearance a where a.person_id = record and glass_shows(asked, a.material_id))
        when 'series' then exists (select from membership m where m.series_id = record and glass_shows(asked, m.material_id))
        else false end;
end $$;

-- ---- erasing -----------------------------------------------------------------------------------------------------------------

-- Whoever enters a material and whoever erases it or takes it out of the vault never do so at the same time: else a
-- fingerprint might go that a new instance needs, or a stored copy. 256 locks, by the first byte of the id, always taken in
-- their order.
create function hold_materials(asked uuid[], alone boolean) returns void language plpgsql as $$
declare bucket integer;
begin
    for bucket in select distinct get_byte(uuid_send(one), 0) as b from unnest(asked) one order by b
    loop
        if alone then
            perform pg_advisory_xact_lock(1129203283, bucket);
        else
            perform pg_advisory_xact_lock_shared(1129203283, bucket);
        end if;
    end loop;
end $$;

-- Before the acting country enters these: what waits to be taken out of the vault for it stays there. Gives those whose copy
-- may have gone since it was put there, by whomever.
create function gone_meanwhile(asked uuid[]) returns setof uuid
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    perform hold_materials(asked, false);
    delete from vault_removal v where v.material = any(asked) and v.owner_country = acting_country() and v.done_at is null;
    return query select distinct v.material from vault_removal v where v.material = any(asked) and v.done_at is not null;
end $$;

-- Erases instances of the acting unit, and what it says of materials that it holds no more. Everything of others stays. What
-- nobody holds any more goes as well: the fingerprints with the last instance that has bytes, the material with the last
-- mention. `names` are the vault's for `held`, in its order. Gives what went of the unit's own, by kind. Not whether fingerprints,
-- copies or the material went: that would tell whether somebody else holds it, in silence perhaps.
create function erase_instances(asked uuid[], held uuid[], names text[], at timestamptz)
    returns table (what text, count bigint)
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare
    gone uuid[];         -- instances
    touched uuid[];      -- their materials
    dropped uuid[];      -- those of them that the unit holds no more
    had_bytes uuid[];
    heads uuid[];        -- contributions
    bounds uuid[];       -- restrictions that stood on any of it
    more uuid[];
    number bigint;
begin
    select array_agg(distinct i.material_id) into touched from instance i
        where i.id = any(asked) and i.owner_unit_id = acting_unit();
    perform hold_materials(touched, true);
    select coalesce(array_agg(i.id), '{}'), coalesce(array_agg(distinct i.material_id), '{}'),
           coalesce(array_agg(distinct i.material_id) filter (where i.has_bytes), '{}'),
           coalesce(array_agg(distinct i.contribution_id), '{}'), coalesce(array_agg(distinct i.restriction_id), '{}')
        into gone, touched, had_bytes, heads, bounds
        from instance i where i.id = any(asked) and i.owner_unit_id = acting_unit()
          and (i.basis = 'TRAINING' or acting_reach() = 'REAL');

    delete from statement where instance_id = any(gone);
    get diagnostics number = row_count; what := 'statements'; count := number; return next;
    delete from instance where id = any(gone);
    get diagnostics number = row_count; what := 'instances'; count := number; return next;

    select coalesce(array_agg(one), '{}') into dropped from unnest(touched) one
        where not exists (select from instance i where i.material_id = one and i.owner_unit_id = acting_unit());
    with went as (delete from appearance where material_id = any(dropped) and owner_unit_id = acting_unit()
                  returning restriction_id)
        select count(*), coalesce(array_agg(restriction_id), '{}') into number, more from went;
    bounds := bounds || more; what := 'appearances'; count := number; return next;
    with went as (delete from membership where material_id = any(dropped) and owner_unit_id = acting_unit()
                  returning restriction_id)
        select count(*), coalesce(array_agg(restriction_id), '{}') into number, more from went;
    bounds := bounds || more; what := 'memberships'; count := number; return next;
    delete from alert where material_id = any(dropped) and owner_unit_id = acting_unit();
    with went as (delete from contribution c where c.id = any(heads) and c.owner_unit_id = acting_unit()
                  and not exists (select from instance i where i.contribution_id = c.id) returning restriction_id)
        select count(*), coalesce(array_agg(restriction_id), '{}') into number, more from went;
    bounds := bounds || more; what := 'contributions'; count := number; return next;

    delete from fingerprint f where f.material_id = any(touched)
        and not exists (select from instance i where i.material_id = f.material_id and i.has_bytes);
    insert into vault_removal (id, owner_country, material, object_name, asked_at)
        select gen_random_uuid(), acting_country(), one.material, one.name, at
        from unnest(held, names) as one(material, name)
        where one.material = any(had_bytes) and not exists (
            select from instance i where i.material_id = one.material and i.owner_country = acting_country() and i.has_bytes);
    delete from material m where m.id = any(touched)
        and not exists (select from instance i where i.material_id = m.id)
        and not exists (select from appearance a where a.material_id = m.id)
        and not exists (select from membership b where b.material_id = m.id)
        and not exists (select from alert l where l.material_id = m.id)
        and not exists (select from fingerprint f where f.material_id = m.id);

    delete from restriction r where r.id = any(bounds) and r.owner_unit_id = acting_unit()
        and not exists (select from instance i where i.restriction_id = r.id)
        and not exists (select from contribution c where c.restriction_id = r.id)
        and not exists (select from appearance a where a.restriction_id = r.id)
        and not exists (select from membership b where b.restriction_id = r.id)
        and not exists (select from statement s where s.restriction_id = r.id)
        and not exists (select from person p where p.restriction_id = r.id)
        and not exists (select from series e where e.restriction_id = r.id)
        and not exists (select from "case" k where k.restriction_id = r.id);
end $$;

-- The next copy to take out of the vault, held until the transaction ends; none: nothing waits, or others are at it. What the
-- country holds again is left alone.
create function next_removal() returns table (id uuid, country text, object_name text)
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare one vault_removal%rowtype;
begin
    for one in select v.* from vault_removal v where v.done_at is null order by v.asked_at, v.id
    loop
        continue when not pg_try_advisory_xact_lock(1129203283, get_byte(uuid_send(one.material), 0));
        perform from vault_removal v where v.id = one.id and v.done_at is null for update;
        continue when not found;
        if exists (select from instance i where i.material_id = one.material and i.owner_country = one.owner_country
                   and i.has_bytes) then
            delete from vault_removal v where v.id = one.id;
            continue;
        end if;
        return query select one.id, one.owner_country, one.object_name;
        return;
    end loop;
end $$;

-- It is known for a day that it went: longer than anything takes to enter.
create function end_removal(asked uuid, at timestamptz) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    update vault_removal set done_at = at where id = asked;
    delete from vault_removal where done_at < at - interval '1 day' $$;

-- ---- for each new table ---------------------------------------------------------------------------------------------------------

do $$
declare name text;
begin
    foreach name in array array['approval', 'second_person', 'glass', 'vault_removal']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy somebody on %I as restrictive to concord_app
            using ((select acting_country()) is not null)', name);
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;

revoke all on function acting_seat(), acting_is_bureau(), duty_roles(text), acting_decides(text, uuid),
    entitled_people(text, text, uuid), acting_decides_elsewhere(text), stays(), approval_changes(),
    acting_is_second(text, text, uuid), duty_of_others(),
    duty_of(uuid), decide_approval(uuid, boolean, text, timestamptz), use_approval(text, bytea, timestamptz),
    used_here(text), restrictions_hide(uuid[]), restriction_widens(restriction, restriction), terms_of(restriction),
    demand_second(text, uuid[]), restriction_changes(), contribution_is_opened(), group_widens(),
    name_second(text, uuid, timestamptz), end_second(text, uuid, timestamptz), glass_changes(),
    open_glass(text, uuid, uuid, text, text), close_glass(uuid), review_glass(uuid, text, text, text, timestamptz),
    hold_materials(uuid[], boolean), gone_meanwhile(uuid[]),
    erase_instances(uuid[], uuid[], text[], timestamptz), next_removal(), end_removal(uuid, timestamptz) from public;
grant execute on function acting_seat(), acting_is_bureau(), duty_roles(text), acting_decides(text, uuid), duty_of_others(),
    duty_of(uuid), decide_approval(uuid, boolean, text, timestamptz), use_approval(text, bytea, timestamptz),
    restrictions_hide(uuid[]), name_second(text, uuid, timestamptz), end_second(text, uuid, timestamptz),
    open_glass(text, uuid, uuid, text, text),
    close_glass(uuid), review_glass(uuid, text, text, text, timestamptz), gone_meanwhile(uuid[]),
    erase_instances(uuid[], uuid[], text[], timestamptz),
    next_removal(), end_removal(uuid, timestamptz) to concord_app;
