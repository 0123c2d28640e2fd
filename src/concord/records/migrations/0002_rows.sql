-- Who may see and change which row, held by the database. Roles (made by database/cluster.sql):
--   concord_owner    migrations and administration; policies bind it too (FORCE), so it has one of its own
--   concord_app      the program: no owner, no superuser, no BYPASSRLS; sees what the acting country may see
--   concord_matcher  reads the feed of fingerprints and nothing else
--   concord_backup   BYPASSRLS and pg_read_all_data, for dumps only

-- ---- who is acting ------------------------------------------------------------------------------------------------

-- Never set: null. Set once and the transaction over: the empty string. Both mean nobody, and nobody asks nothing.
create function acting(what text) returns text stable parallel safe language plpgsql as $$
declare value text := current_setting('concord.' || what, true);
begin
    if value is null or value = '' then
        raise exception 'no acting % is set', what using errcode = 'insufficient_privilege';
    end if;
    return value;
end $$;
create function acting_country() returns text stable parallel safe language sql as $$ select acting('country') $$;
create function acting_unit() returns uuid stable parallel safe language sql as $$ select acting('unit')::uuid $$;
create function acting_user() returns uuid stable parallel safe language sql as $$ select acting('user')::uuid $$;

-- ---- rules --------------------------------------------------------------------------------------------------------

-- Whether a restriction lets other countries know. The one kind there is lets nobody, until it ends.
create function restriction_permits(restriction uuid) returns boolean
    stable security definer set search_path = pg_catalog, public language sql
    as $$ select coalesce((select r.until <= now() from restriction r where r.id = restriction), false) $$;

-- ---- the directory: no owner, every actor reads it, only the administration writes it ---------------------------------

create policy read on country for select to concord_app using (true);
create policy read on unit for select to concord_app using (true);
grant select on country, unit to concord_app;

create policy read on django_migrations for select to concord_app using (true);   -- whether the schema is current
grant select on django_migrations to concord_app;

-- Users, profiles and tokens are read before anybody acts, so only through these three functions.
create type signed_in as (profile uuid, profile_name text, "user" uuid, user_name text, unit uuid, unit_name text,
                          country text, default_purpose text, default_basis text, token uuid);
create function sign_in_profile(asked uuid)
    returns setof signed_in
    stable security definer set search_path = pg_catalog, public language sql as $$
    select p.id, p.name, u.id, u.name, n.id, n.name, n.country_id, p.default_purpose, p.default_basis, null::uuid
    from profile p join app_user u on u.id = p.user_id join unit n on n.id = u.unit_id
    where p.id = asked and p.active and u.active $$;

-- The profile of a token that is valid still: what a session that began with it asks at every request. A single-use
-- token was spent when its session began, and carries that session all the same.
create function sign_in_session(asked uuid) returns setof signed_in
    stable security definer set search_path = pg_catalog, public language sql as $$
    select s.profile, s.profile_name, s."user", s.user_name, s.unit, s.unit_name, s.country, s.default_purpose,
           s.default_basis, t.id
    from token t, sign_in_profile(t.profile_id) s
    where t.id = asked and t.revoked_at is null and t.expires_at > now() $$;

-- The profile of a valid token; a single-use one is spent by this.
create function sign_in_token(asked bytea) returns setof signed_in
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare held token%rowtype;
begin
    select * into held from token t
        where t.secret_sha256 = asked and t.revoked_at is null and t.expires_at > now();
    if held.single_use then
        update token set used_at = now() where id = held.id and used_at is null;
        if not found then return; end if;   -- spent, or somebody was faster
    end if;
    return query select * from sign_in_session(held.id);
end $$;

-- ---- owned rows -----------------------------------------------------------------------------------------------------

-- `(select ...)` makes the planner ask once a query, not once a row. Every owned table has `own`: its country reads it,
-- and `says`: a user says something only in his own name and his unit's.
do $$
declare name text;
begin
    foreach name in array array['restriction', 'case', 'contribution', 'instance', 'person', 'appearance', 'series', 'membership']
    loop
        execute format('create policy own on %I for select to concord_app
            using (owner_country = (select acting_country()))', name);
        execute format('create policy says on %I for insert to concord_app
            with check (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit())
                        and author_id = (select acting_user()))', name);
        execute format('grant select, insert on %I to concord_app', name);
    end loop;
    -- What all may know unless it is restricted. Cases and restrictions are never shared.
    foreach name in array array['contribution', 'person', 'series']
    loop
        execute format('create policy shared on %I for select to concord_app
            using (restriction_id is null or restriction_permits(restriction_id))', name);
    end loop;
end $$;

-- An assertion about something else is known where that is known as well.
create policy shared on instance for select to concord_app using (
    (restriction_id is null or restriction_permits(restriction_id))
    and exists (select from contribution c where c.id = contribution_id));
create policy shared on appearance for select to concord_app using (
    (restriction_id is null or restriction_permits(restriction_id))
    and exists (select from person p where p.id = person_id)
    and exists (select from material m where m.id = material_id));
create policy shared on membership for select to concord_app using (
    (restriction_id is null or restriction_permits(restriction_id))
    and exists (select from series s where s.id = series_id)
    and exists (select from material m where m.id = material_id));

create policy changes on person for update to concord_app
    using (owner_country = (select acting_country())) with check (owner_country = (select acting_country()));
grant update (state, state_since) on person to concord_app;

-- ---- material and fingerprints: shared, owned by nobody -------------------------------------------------------------

create policy follows on material for select to concord_app using (
    exists (select from instance i where i.material_id = material.id));
create policy follows on fingerprint for select to concord_app using (
    exists (select from instance i where i.material_id = fingerprint.material_id and i.has_bytes));
create policy feed on fingerprint for select to concord_matcher using (true);
create policy feed on fingerprint_removal for select to concord_matcher using (true);
grant select on material, fingerprint to concord_app;
grant select on fingerprint, fingerprint_removal to concord_matcher;

-- Found or made: the caller cannot tell which, so entering tells nothing about what others hold hidden.
create function material_for(asked uuid, content bytea) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    insert into material (id, sha256) values (asked, content) on conflict do nothing $$;

create function fingerprint_for(asked uuid, its_kind text, its_value bytea, its_quality integer, its_decoder text) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    insert into fingerprint (material_id, kind, value, quality, decoder)
    values (asked, its_kind, its_value, its_quality, its_decoder) on conflict (material_id, kind) do nothing $$;

create function fingerprint_goes() returns trigger
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    insert into fingerprint_removal (number) values (old.number);
    return old;
end $$;
create trigger fingerprint_goes after delete on fingerprint for each row execute function fingerprint_goes();

alter table material add constraint material_sha256_size check (octet_length(sha256) = 32);
alter table instance add constraint instance_digest_sizes check (
    octet_length(sha256) = 32 and octet_length(sha1) = 20 and octet_length(md5) = 16);
alter table fingerprint add constraint fingerprint_pdq_size check (kind <> 'pdq' or octet_length(value) = 32);

-- ---- for every table ------------------------------------------------------------------------------------------------

do $$
declare name text;
begin
    for name in select tablename from pg_tables where schemaname = 'public'
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        if name <> 'django_migrations' then   -- restrictive: whatever else permits, somebody must be acting
            execute format('create policy somebody on %I as restrictive to concord_app
                using ((select acting_country()) is not null)', name);
        end if;
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;

-- Functions are open to all when made; only the program may call these.
revoke all on all functions in schema public from public;
grant execute on function acting(text), acting_country(), acting_unit(), acting_user(), restriction_permits(uuid),
    sign_in_profile(uuid), sign_in_session(uuid), sign_in_token(bytea), material_for(uuid, bytea),
    fingerprint_for(uuid, text, bytea, integer, text) to concord_app;
