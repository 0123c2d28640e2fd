-- Who holds which role, who is certified, how far his country takes part: read when somebody signs in, anew at every
-- request, so that what is revoked opens nothing from the next one on.

do $$
declare name text;
begin
    foreach name in array array['role_grant', 'certificate']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy somebody on %I as restrictive to concord_app
            using ((select acting_country()) is not null)', name);
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;

-- Whoever was enrolled before there were roles was an officer. Certificates are for trainers to give.
insert into role_grant (id, user_id, role, granted_at) select gen_random_uuid(), id, 'OFFICER', now() from app_user;
-- The first by name stands for the bureau until another unit is named.
update unit set is_bureau = true where id in (select distinct on (country_id) id from unit order by country_id, name);

drop function sign_in_profile(uuid), sign_in_session(uuid), sign_in_token(bytea);
drop type signed_in;
create type signed_in as (
    profile uuid, profile_name text, "user" uuid, user_name text, unit uuid, unit_name text, country text,
    default_purpose text, default_basis text, token uuid, roles text[], certified_until timestamptz,
    participation text, is_hub boolean, scopes text[]);

create function sign_in_profile(asked uuid) returns setof signed_in
    stable security definer set search_path = pg_catalog, public language sql as $$
    select p.id, p.name, u.id, u.name, n.id, n.name, n.country_id, p.default_purpose, p.default_basis, null::uuid,
           array(select g.role from role_grant g where g.user_id = u.id and g.revoked_at is null),
           (select max(c.expires_at) from certificate c
            where c.user_id = u.id and c.revoked_at is null and c.issued_at <= now()),
           l.participation, l.is_hub, null::text[]
    from profile p join app_user u on u.id = p.user_id join unit n on n.id = u.unit_id join country l on l.code = n.country_id
    where p.id = asked and p.active and u.active $$;

-- The profile of a token that is valid still: what a session that began with it asks at every request. A single-use
-- token was spent when its session began, and carries that session all the same.
create function sign_in_session(asked uuid) returns setof signed_in
    stable security definer set search_path = pg_catalog, public language sql as $$
    select s.profile, s.profile_name, s."user", s.user_name, s.unit, s.unit_name, s.country, s.default_purpose,
           s.default_basis, t.id, s.roles, s.certified_until, s.participation, s.is_hub, t.scopes
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

-- ---- what real material asks for --------------------------------------------------------------------------------------

-- REAL for a certified user who acts for a real purpose, else TRAINING. Set with the actor, for one transaction.
create function acting_reach() returns text stable parallel safe language sql as $$ select acting('reach') $$;
create function acting_purpose() returns text stable parallel safe language sql as $$ select acting('purpose') $$;

-- The roles of the actor, each between commas.
create function acting_has(role text) returns boolean stable parallel safe language sql
    as $$ select position(',' || role || ',' in acting('roles')) > 0 $$;

-- Whoever acts for training, or is not certified, meets only what was entered for training, and enters nothing else.
do $$
declare name text;
begin
    for name in select table_name from information_schema.columns where table_schema = 'public' and column_name = 'basis'
    loop
        execute format('create policy reach on %I as restrictive to concord_app
            using (basis = ''TRAINING'' or (select acting_reach()) = ''REAL'')', name);
    end loop;
end $$;

revoke all on function sign_in_profile(uuid), sign_in_session(uuid), sign_in_token(bytea), acting_reach(), acting_purpose(),
    acting_has(text) from public;
grant execute on function sign_in_profile(uuid), sign_in_session(uuid), sign_in_token(bytea), acting_reach(),
    acting_purpose(), acting_has(text) to concord_app;
