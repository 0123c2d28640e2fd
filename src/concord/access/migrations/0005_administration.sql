-- Who may change who may do what. The rules of actions/administer.py, grant.py and certify.py once more, held by the
-- database: a country's own administrator alone decides on its people, the hub's on its own staff, a trainer on certificates.

-- The country of a user, whoever asks: a policy must tell before the row can be seen.
create function country_of_user(asked uuid) returns text
    stable security definer set search_path = pg_catalog, public language sql as $$
    select n.country_id from app_user u join unit n on n.id = u.unit_id where u.id = asked $$;

-- In the hub its own administrator, everywhere else the national one: neither reaches into the other's house.
create function acting_administers() returns boolean stable language sql as $$
    select case when acting_is_hub() then acting_has('HUB-ADMINISTRATOR') else acting_has('NATIONAL-ADMINISTRATOR') end $$;

create function acting_oversees() returns boolean stable language sql as $$
    select acting_administers() or acting_has('DATA-PROTECTION') or acting_has('AUDITOR') or acting_has('SUPERVISOR')
        or acting_has('TRAINER') $$;

revoke all on function country_of_user(uuid), acting_administers(), acting_oversees() from public;
grant execute on function country_of_user(uuid), acting_administers(), acting_oversees() to concord_app;

-- ---- people -------------------------------------------------------------------------------------------------------------

create policy self on app_user for select to concord_app using (id = (select acting_user()));
create policy colleagues on app_user for select to concord_app using (
    (select acting_oversees()) and exists (
        select from unit n where n.id = unit_id and n.country_id = (select acting_country())));
create policy trainees on app_user for select to concord_app using (   -- the hub's trainers certify for all
    (select acting_is_hub()) and (select acting_has('TRAINER')));
create policy adds on app_user for insert to concord_app with check (
    (select acting_administers()) and exists (
        select from unit n where n.id = unit_id and n.country_id = (select acting_country())));
create policy changes on app_user for update to concord_app using (
    (select acting_administers()) and id <> (select acting_user()) and country_of_user(id) = (select acting_country()));
grant select, insert on app_user to concord_app;
grant update (active) on app_user to concord_app;

create policy adds on unit for insert to concord_app with check (
    (select acting_administers()) and country_id = (select acting_country()));
create policy changes on unit for update to concord_app using (
    (select acting_administers()) and country_id = (select acting_country()));
grant insert on unit to concord_app;
grant update (channel, hours, time_zone, is_bureau) on unit to concord_app;

create policy changes on country for update to concord_app using (
    code = (select acting_country()) and (select acting_administers()) and not is_hub);
grant update (participation) on country to concord_app;

-- ---- roles --------------------------------------------------------------------------------------------------------------

create policy own on role_grant for select to concord_app using (
    user_id = (select acting_user())
    or (select acting_oversees()) and country_of_user(user_id) = (select acting_country()));
create policy adds on role_grant for insert to concord_app with check (
    (select acting_administers()) and country_of_user(user_id) = (select acting_country())
    and granted_by_id = (select acting_user()) and user_id <> (select acting_user())
    and revoked_at is null and revoked_by_id is null
    and (role = 'HUB-ADMINISTRATOR') <= (select acting_is_hub())
    and (role = 'NATIONAL-ADMINISTRATOR') <= (not (select acting_is_hub())));
create policy ends on role_grant for update to concord_app
    using ((select acting_administers()) and country_of_user(user_id) = (select acting_country()) and revoked_at is null)
    with check (revoked_by_id = (select acting_user()) and revoked_at is not null);
grant select, insert on role_grant to concord_app;
grant update (revoked_at, revoked_by_id) on role_grant to concord_app;

-- A country that once has an administrator keeps one: two of them who revoke each other at the same moment meet here.
create function administrator_remains() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare home text := country_of_user(new.user_id);
begin
    perform from country where code = home for update;
    if not exists (select from role_grant g join app_user u on u.id = g.user_id
                   where g.role = new.role and g.revoked_at is null and u.active and country_of_user(u.id) = home) then
        raise exception 'the last % of % stays', new.role, home using errcode = 'restrict_violation';
    end if;
    return null;
end $$;
create trigger administrator_remains after update of revoked_at on role_grant for each row
    when (new.revoked_at is not null and old.revoked_at is null
          and new.role in ('NATIONAL-ADMINISTRATOR', 'HUB-ADMINISTRATOR'))
    execute function administrator_remains();

-- The same for two who disable each other. The local administration may disable the last one as well: it founds anew.
create function active_administrator_remains() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare home text := country_of_user(new.id);
begin
    if coalesce(current_setting('concord.unit', true), '') = '' then return null; end if;
    perform from country where code = home for update;
    if exists (select from role_grant g where g.user_id = new.id and g.revoked_at is null and g.role like '%-ADMINISTRATOR')
       and not exists (select from role_grant g join app_user u on u.id = g.user_id
                       where g.role like '%-ADMINISTRATOR' and g.revoked_at is null and u.active
                         and country_of_user(u.id) = home) then
        raise exception 'the last administrator of % stays', home using errcode = 'restrict_violation';
    end if;
    return null;
end $$;
create trigger active_administrator_remains after update of active on app_user for each row
    when (old.active and not new.active) execute function active_administrator_remains();

-- ---- certificates -------------------------------------------------------------------------------------------------------

create policy own on certificate for select to concord_app using (
    user_id = (select acting_user())
    or (select acting_oversees()) and (country_of_user(user_id) = (select acting_country()) or (select acting_is_hub())));
create policy adds on certificate for insert to concord_app with check (
    (select acting_has('TRAINER')) and issued_by_id = (select acting_user()) and user_id <> (select acting_user())
    and (country_of_user(user_id) = (select acting_country()) or (select acting_is_hub())) and revoked_at is null);
create policy ends on certificate for update to concord_app
    using ((select acting_has('TRAINER') or acting_administers())
           and (country_of_user(user_id) = (select acting_country()) or (select acting_is_hub() and acting_has('TRAINER'))))
    with check (revoked_at is not null);
grant select, insert on certificate to concord_app;
grant update (revoked_at) on certificate to concord_app;
alter table certificate add constraint certificate_term check (
    expires_at > issued_at and expires_at <= issued_at + interval '2 years 1 day');

-- ---- audit entries: everyone his own, a supervisor his unit's, oversight the country's --------------------------------------

drop policy own on audit_entry;
create policy own on audit_entry for select to concord_app using ("user" = (select acting_user()));
create policy unit on audit_entry for select to concord_app using (
    unit = (select acting_unit()) and (select acting_has('SUPERVISOR')));
create policy country on audit_entry for select to concord_app using (
    owner_country = (select acting_country()) and (select acting_has('DATA-PROTECTION') or acting_has('AUDITOR')));

-- ---- intakes whose time is over: a unit's own, by somebody of it; the server erases all, in nobody's name (0003_expiry) ----------

create function erase_own_expired_intakes() returns setof uuid
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare gone uuid;
begin
    for gone in select i.id from intake i where i.expires_at <= now() and i.owner_country = acting_country()
                and i.owner_unit_id = acting_unit() for update skip locked
    loop
        delete from intake_item where intake_id = gone;
        delete from intake where id = gone;
        return next gone;
    end loop;
end $$;

revoke all on function administrator_remains(), active_administrator_remains(), erase_own_expired_intakes() from public;
grant execute on function erase_own_expired_intakes() to concord_app;
