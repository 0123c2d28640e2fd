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

-- Whom each active profile signs in. Read by the functions below alone.
create view signing_in as
    select p.id as profile, p.name as profile_name, u.id as "user", u.name as user_name, n.id as unit, n.name as unit_name,
           n.country_id as country, p.default_purpose, p.default_basis,
           array(select g.role from role_grant g where g.user_id = u.id and g.revoked_at is null order by 1) as roles,
           (select max(c.expires_at) from certificate c
            where c.user_id = u.id and c.revoked_at is null and c.issued_at <= now()) as certified_until,
           l.participation, l.is_hub
    from profile p join app_user u on u.id = p.user_id join unit n on n.id = u.unit_id join country l on l.code = n.country_id
    where p.active and u.active;

-- The profile of a token that is valid still: what a session that began with it asks at every request. A single-use
-- token was spent when its session began, and carries that session all the same.
create view signed_in_by_token as
    select t.id as by_token, t.secret_sha256, t.single_use,
           row(s.profile, s.profile_name, s."user", s.user_name, s.unit, s.unit_name, s.country, s.default_purpose, s.default_basis,
               t.id, s.roles, s.certified_until, s.participation, s.is_hub, t.scopes)::signed_in as who
    from token t join signing_in s on s.profile = t.profile_id
    where t.revoked_at is null and t.expires_at > now();

create function sign_in_profile(asked uuid) returns setof signed_in
    stable security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    return query select s.profile, s.profile_name, s."user", s.user_name, s.unit, s.unit_name, s.country, s.default_purpose,
                        s.default_basis, null::uuid, s.roles, s.certified_until, s.participation, s.is_hub, null::text[]
        from signing_in s where s.profile = asked;
end $$;

create function sign_in_session(asked uuid) returns setof signed_in
    stable security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    return query select (s.who).* from signed_in_by_token s where s.by_token = asked;
end $$;

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

-- All of somebody's standing in a word, to be compared with still_stands(). Null: a token that opens once.
create function standing_of(who signed_in) returns text
    stable security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    return (select encode(sha256(convert_to(who::text, 'UTF8')), 'hex') from token t where t.id = who.token and not t.single_use);
end $$;

-- Whether its last word holds to the letter of whom this token, the seat, signs in now, and all before it is his. See act_as().
create function still_stands(acting text[]) returns boolean
    stable security definer set search_path = pg_catalog, public language plpgsql as $$
declare
    now_is signed_in;
begin
    select (s.who).* into now_is from signed_in_by_token s where s.by_token = acting[7]::uuid and not s.single_use;
    return coalesce(found and now_is."user" = acting[3]::uuid and now_is.unit = acting[2]::uuid and now_is.country = acting[1]
        and string_to_array(btrim(acting[6], ','), ',') <@ now_is.roles
        and (acting[5] = 'TRAINING' or now_is.certified_until > now())
        and encode(sha256(convert_to(now_is::text, 'UTF8')), 'hex') = acting[8], false);   -- what is missing confirms nothing
end $$;

-- In whose name the rest of the transaction is: country, unit, user, purpose, reach, roles between commas, seat. Raises where there is
-- no such active user, or not there, or he was given no such role, or is not certified for real material.
create function act_as(who text[]) returns void
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if not exists (
           select from app_user u join unit n on n.id = u.unit_id
           where u.id = who[3]::uuid and u.active and n.id = who[2]::uuid and n.country_id = who[1]
             and string_to_array(btrim(who[6], ','), ',')
                 <@ array(select g.role from role_grant g where g.user_id = u.id and g.revoked_at is null)
             and (who[5] = 'TRAINING' or exists (
                  select from certificate c where c.user_id = u.id and c.revoked_at is null
                         and now() between c.issued_at and c.expires_at))) then
        raise exception 'nobody of this standing acts here' using errcode = 'invalid_authorization_specification';
    end if;
    perform set_acting(who);
end $$;

-- The same for whoever has been looked at already. True. (An assignment is quicker than a statement.)
create function set_acting(who text[]) returns boolean language plpgsql as $$
declare
    done text;
begin
    done := set_config('concord.country', who[1], true);
    done := set_config('concord.unit', who[2], true);
    done := set_config('concord.user', who[3], true);
    done := set_config('concord.purpose', who[4], true);
    done := set_config('concord.reach', who[5], true);
    done := set_config('concord.roles', who[6], true);
    done := set_config('concord.seat', who[7], true);
    return true;
end $$;

-- ---- what real material asks for --------------------------------------------------------------------------------------

-- REAL for a certified user who acts for a real purpose, else TRAINING. Set with the actor, for one transaction.
create function acting_reach() returns text stable parallel safe language sql as $$ select acting('reach') $$;
create function acting_purpose() returns text stable parallel safe language sql as $$ select acting('purpose') $$;

-- The roles of the actor, each between commas.
create function acting_has(role text) returns boolean stable parallel safe language sql
    as $$ select position(',' || role || ',' in acting('roles')) > 0 $$;

-- Whether the actor is of the hub's staff.
create function acting_is_hub() returns boolean
    stable parallel safe security definer set search_path = pg_catalog, public language sql as $$
    select exists (select from country c where c.code = acting_country() and c.is_hub) $$;

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

revoke all on function sign_in_profile(uuid), sign_in_session(uuid), sign_in_token(bytea), still_stands(text[]),
    standing_of(signed_in), act_as(text[]), set_acting(text[]), acting_reach(), acting_purpose(),
    acting_has(text), acting_is_hub() from public;
grant execute on function sign_in_profile(uuid), sign_in_session(uuid), sign_in_token(bytea), still_stands(text[]),
    standing_of(signed_in), act_as(text[]), set_acting(text[]), acting_reach(),
    acting_purpose(), acting_has(text), acting_is_hub() to concord_app;
