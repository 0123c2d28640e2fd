-- Signing in: sessions, passkeys, invitations, recovery codes, identity providers, wrong tries. All rows are the
-- administration's; the program has no right on any of these tables and goes through the functions below, each of which does one
-- thing. Those named `own` are for the acting user and touch nothing of anybody else.

do $$
declare name text;
begin
    foreach name in array array['session', 'passkey', 'passkey_invitation', 'recovery_code', 'identity_provider',
                                'identity_link', 'sign_in_tries', 'spent_challenge']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy somebody on %I as restrictive to concord_app
            using ((select acting_country()) is not null)', name);
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;

-- ---- sessions -------------------------------------------------------------------------------------------------------------

-- What every request of a browser asks: nothing of it is kept anywhere, so what is revoked opens nothing from the next one on.
create function open_session(asked uuid)
    returns table (session uuid, profile uuid, token uuid, scopes text[], stepped_up_at timestamptz)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select s.id, s.profile_id, s.token_id, t.scopes, s.stepped_up_at
    from session s
         left join token t on t.id = s.token_id
         left join passkey p on p.id = s.passkey_id
         left join identity_link l on l.id = s.link_id
         left join identity_provider i on i.id = l.provider_id
    where s.id = asked and s.ended_at is null and s.begun_at > now() - interval '12 hours'
      and (s.token_id is null or (t.revoked_at is null and t.expires_at > now()))
      and (s.passkey_id is null or p.revoked_at is null)
      and (s.link_id is null or (l.revoked_at is null and i.removed_at is null)) $$;

-- The entry stands in the name of whoever signed in, or tried to; nobody acts yet. A try by nobody whom we know is entered
-- under ZZ, which is no country: the local administration reads it.
create policy sign_in on audit_entry for insert to concord_owner with check (verb = 'BEGIN-SESSION');

create function enter_sign_in(who uuid, at timestamptz, method text, refused text) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    insert into audit_entry (id, at, owner_country, unit, "user", verb, outcome, reason, purpose, item_count, items)
    select gen_random_uuid(), at, coalesce(max(n.country_id), 'ZZ'),
           coalesce((array_agg(n.id))[1], '00000000-0000-0000-0000-000000000000'),
           coalesce((array_agg(u.id))[1], '00000000-0000-0000-0000-000000000000'),
           'BEGIN-SESSION', case when refused is null then 'DONE' else 'REFUSED' end, refused, 'ADMINISTRATION', 1,
           array[method]
    from profile p join app_user u on u.id = p.user_id join unit n on n.id = u.unit_id where p.id = who $$;

create function begin_session(who uuid, method text, by_token uuid, by_passkey uuid, by_link uuid, at timestamptz,
                              seen_at timestamptz) returns uuid
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare made uuid := gen_random_uuid();
begin
    if not exists (select from sign_in_profile(who)) then return null; end if;
    insert into session (id, profile_id, method, token_id, passkey_id, link_id, begun_at, stepped_up_at)
    values (made, who, method, by_token, by_passkey, by_link, at, seen_at);
    perform enter_sign_in(who, at, method, null);
    return made;
end $$;

-- A token with scopes opens pages only if they say so. A persona has just opened a link of its own, which counts as being there.
create function begin_session_with_token(secret bytea, at timestamptz) returns uuid
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare held token%rowtype; who uuid;
begin
    select t.* into held from token t where t.secret_sha256 = secret;
    if held.scopes is not null and not 'BEGIN-SESSION' = any(held.scopes) then return null; end if;
    select s.profile into who from sign_in_token(secret) s;
    if who is null then return null; end if;
    if held.single_use then return begin_session(who, 'PERSONA', held.id, null, null, at, at); end if;
    return begin_session(who, 'TOKEN', held.id, null, null, at, null);
end $$;

-- Whether a passkey may be used with this count, which is kept. A count that does not go on was seen before: a copy, perhaps.
create function use_passkey(asked uuid, count bigint, at timestamptz) returns setof passkey
    security definer set search_path = pg_catalog, public language sql as $$
    update passkey set sign_count = count, used_at = at
    where id = asked and revoked_at is null and (count > sign_count or (count = 0 and sign_count = 0))
    returning * $$;

create function begin_session_with_passkey(asked uuid, count bigint, at timestamptz) returns uuid
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare used passkey%rowtype;
begin
    select * into used from use_passkey(asked, count, at);
    if used.id is null then return null; end if;
    return begin_session(used.profile_id, 'PASSKEY', null, used.id, null, at, at);
end $$;

-- A link counts while its user is of exactly the provider's country.
create function linked(provider uuid, called text) returns setof identity_link
    stable security definer set search_path = pg_catalog, public language sql as $$
    select l.* from identity_link l join identity_provider i on i.id = l.provider_id
        join profile p on p.id = l.profile_id join app_user u on u.id = p.user_id join unit n on n.id = u.unit_id
    where i.id = provider and l.subject = called and l.revoked_at is null and i.removed_at is null
      and n.country_id = i.country_id $$;

create function begin_session_with_link(provider uuid, called text, at timestamptz, seen_at timestamptz) returns uuid
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare held identity_link%rowtype;
begin
    select * into held from linked(provider, called);
    if held.id is null then return null; end if;
    return begin_session(held.profile_id, 'OIDC', null, null, held.id, at, seen_at);
end $$;

create function refuse_sign_in(method text, at timestamptz, reason text, secret bytea, called bytea, provider uuid,
                               subject text) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    select enter_sign_in(coalesce(
        (select t.profile_id from token t where t.secret_sha256 = secret),
        (select p.profile_id from passkey p where p.credential = called),
        (select r.profile_id from recovery_code r where r.code_sha256 = secret),
        (select i.profile_id from passkey_invitation i where i.secret_sha256 = secret),
        (select l.profile_id from identity_link l
         where l.provider_id = provider and l.subject = refuse_sign_in.subject limit 1)), at, method, reason) $$;

create function user_of_session(asked uuid) returns uuid
    stable security definer set search_path = pg_catalog, public language sql as $$
    select p.user_id from open_session(asked) s join profile p on p.id = s.profile $$;

create function step_up_with_passkey(asked uuid, key uuid, count bigint, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if user_of_session(asked) is distinct from acting_user() or not exists (
        select from passkey k join profile p on p.id = k.profile_id where k.id = key and p.user_id = acting_user()) then
        return false;
    end if;
    if not exists (select from use_passkey(key, count, at)) then return false; end if;
    update session set stepped_up_at = at where id = asked;
    return true;
end $$;

create function step_up_with_link(asked uuid, provider uuid, called text, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update session set stepped_up_at = at where id = asked and exists (
        select from linked(provider, called) l join profile p on p.id = l.profile_id
        where p.user_id = user_of_session(asked));
    return found;
end $$;

create function own_sessions(at timestamptz)
    returns table (id uuid, method text, begun_at timestamptz, stepped_up_at timestamptz)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select s.id, s.method, s.begun_at, s.stepped_up_at
    from session s join profile p on p.id = s.profile_id
    where p.user_id = acting_user() and s.begun_at > at - interval '12 hours' and exists (select from open_session(s.id))
    order by s.begun_at desc, s.id $$;

-- In the order in which they were begun: that of the table would hang on what others did in it meanwhile.
create function end_own_sessions(only_one uuid, at timestamptz) returns setof uuid
    security definer set search_path = pg_catalog, public language sql as $$
    with ended as (
        update session s set ended_at = at from profile p
        where p.id = s.profile_id and p.user_id = acting_user() and s.ended_at is null and (only_one is null or s.id = only_one)
        returning s.id, s.begun_at)
    select e.id from ended e order by e.begun_at, e.id $$;

-- ---- passkeys ---------------------------------------------------------------------------------------------------------------

create function known_passkey(called bytea)
    returns table (passkey uuid, "user" uuid, public_key bytea, sign_count bigint)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select k.id, w."user", k.public_key, k.sign_count
    from passkey k, sign_in_profile(k.profile_id) w where k.credential = called and k.revoked_at is null $$;

create function credentials_of(who uuid) returns bytea[]
    stable security definer set search_path = pg_catalog, public language sql as $$
    select array(select k.credential from passkey k join profile p on p.id = k.profile_id
                 where p.user_id = who and k.revoked_at is null order by k.made_at) $$;

create function open_invitation(secret bytea, at timestamptz) returns setof passkey_invitation
    stable security definer set search_path = pg_catalog, public language sql as $$
    select i.* from passkey_invitation i
    where i.secret_sha256 = secret and i.used_at is null and i.expires_at > at $$;

create function invited(secret bytea, at timestamptz)
    returns table ("user" uuid, user_name text, unit_name text, country text, credentials bytea[])
    stable security definer set search_path = pg_catalog, public language sql as $$
    select w."user", w.user_name, w.unit_name, w.country, credentials_of(w."user")
    from open_invitation(secret, at) i, sign_in_profile(i.profile_id) w $$;

create function add_passkey(who uuid, called bytea, key bytea, count bigint, name text, at timestamptz) returns uuid
    security definer set search_path = pg_catalog, public language sql as $$
    insert into passkey (id, profile_id, credential, public_key, sign_count, label, made_at)
    values (gen_random_uuid(), who, called, key, count, name, at)
    on conflict (credential) do nothing returning id $$;

-- Its device has just verified its owner, so he is signed in with it at once.
create function begin_session_with_invitation(secret bytea, called bytea, key bytea, count bigint, name text, at timestamptz)
    returns uuid security definer set search_path = pg_catalog, public language plpgsql as $$
declare held passkey_invitation%rowtype; made uuid;
begin
    select * into held from open_invitation(secret, at);
    update passkey_invitation set used_at = at where id = held.id and used_at is null;
    if not found or not exists (select from sign_in_profile(held.profile_id)) then return null; end if;
    made := add_passkey(held.profile_id, called, key, count, name, at);
    if made is null then return null; end if;
    return begin_session(held.profile_id, 'PASSKEY', null, made, null, at, at);
end $$;

create function add_own_passkey(who uuid, called bytea, key bytea, count bigint, name text, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if not exists (select from profile p where p.id = who and p.user_id = acting_user()) then return false; end if;
    return add_passkey(who, called, key, count, name, at) is not null;
end $$;

create function own_passkeys()
    returns table (id uuid, credential bytea, label text, made_at timestamptz, used_at timestamptz)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select k.id, k.credential, k.label, k.made_at, k.used_at from passkey k join profile p on p.id = k.profile_id
    where p.user_id = acting_user() and k.revoked_at is null order by k.made_at, k.id $$;

create function revoke_own_passkey(asked uuid, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update passkey k set revoked_at = at from profile p
        where k.id = asked and k.revoked_at is null and p.id = k.profile_id and p.user_id = acting_user();
    return found;
end $$;

-- By an administrator of the profile's own country, or of the hub among its own staff.
create function invite_profile(who uuid, secret bytea, at timestamptz, until timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if not acting_administers() or until > at + interval '24 hours' or not exists (
        select from sign_in_profile(who) w where w.country = acting_country()) then
        return false;
    end if;
    insert into passkey_invitation (id, profile_id, secret_sha256, issued_by_id, issued_at, expires_at)
    values (gen_random_uuid(), who, secret, acting_user(), at, until);
    return true;
end $$;

-- ---- recovery codes and tokens ----------------------------------------------------------------------------------------------

create function replace_own_codes(who uuid, codes bytea[], at timestamptz) returns void
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update recovery_code c set replaced_at = at from profile p
        where p.id = c.profile_id and p.user_id = acting_user() and c.replaced_at is null;
    insert into recovery_code (id, profile_id, code_sha256, made_at)
    select gen_random_uuid(), who, one, at from unnest(codes) one
    where exists (select from profile p where p.id = who and p.user_id = acting_user());
end $$;

create function own_codes_left() returns integer
    stable security definer set search_path = pg_catalog, public language sql as $$
    select count(*)::integer from recovery_code c join profile p on p.id = c.profile_id
    where p.user_id = acting_user() and c.used_at is null and c.replaced_at is null $$;

create function spend_recovery_code(code bytea, secret bytea, at timestamptz, until timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare who uuid;
begin
    update recovery_code set used_at = at where code_sha256 = code and used_at is null and replaced_at is null
        returning profile_id into who;
    if who is null or not exists (select from sign_in_profile(who)) then return false; end if;
    insert into passkey_invitation (id, profile_id, secret_sha256, issued_at, expires_at)
    values (gen_random_uuid(), who, secret, at, until);
    perform enter_sign_in(who, at, 'RECOVERY', null);
    return true;
end $$;

create function own_tokens(at timestamptz)
    returns table (id uuid, label text, issued_at timestamptz, expires_at timestamptz, scopes text[])
    stable security definer set search_path = pg_catalog, public language sql as $$
    select t.id, t.label, t.issued_at, t.expires_at, t.scopes from token t join profile p on p.id = t.profile_id
    where p.user_id = acting_user() and t.revoked_at is null and t.expires_at > at and not t.single_use
    order by t.issued_at, t.id $$;

create function revoke_own_token(asked uuid, at timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    update token t set revoked_at = at from profile p
        where t.id = asked and t.revoked_at is null and p.id = t.profile_id and p.user_id = acting_user();
    return found;
end $$;

-- ---- identity providers -------------------------------------------------------------------------------------------------------

create function provider_of(code text)
    returns table (id uuid, country text, issuer text, client_id text, wrapped_secret bytea)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select i.id, i.country_id, i.issuer, i.client_id, i.wrapped_secret from identity_provider i
    where i.country_id = code and i.removed_at is null $$;

create function countries_with_provider() returns table (code text, name text)
    stable security definer set search_path = pg_catalog, public language sql as $$
    select l.code, l.name from country l join identity_provider i on i.country_id = l.code
    where i.removed_at is null order by l.name $$;

-- ---- tries and challenges -------------------------------------------------------------------------------------------------------

create function count_wrong_try(who bytea, seconds integer, at timestamptz) returns void
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    delete from sign_in_tries where source in (
        select t.source from sign_in_tries t where t.since <= at - make_interval(secs => seconds) limit 100
        for update skip locked);
    insert into sign_in_tries (source, since, count) values (who, at, 1)
    on conflict (source) do update set
        count = case when sign_in_tries.since <= at - make_interval(secs => seconds) then 1 else sign_in_tries.count + 1 end,
        since = case when sign_in_tries.since <= at - make_interval(secs => seconds) then at else sign_in_tries.since end;
end $$;

create function seconds_to_wait(who bytea, most integer, seconds integer, at timestamptz) returns integer
    stable security definer set search_path = pg_catalog, public language sql as $$
    select coalesce((select ceil(extract(epoch from t.since + make_interval(secs => seconds) - at))::integer
                     from sign_in_tries t
                     where t.source = who and t.count >= most and t.since > at - make_interval(secs => seconds)), 0) $$;

create function spend_challenge(spent bytea, until timestamptz) returns boolean
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    delete from spent_challenge where digest in (
        select c.digest from spent_challenge c where c.expires_at < now() - interval '1 minute' limit 100
        for update skip locked);
    insert into spent_challenge (digest, expires_at) values (spent, until) on conflict (digest) do nothing;
    return found;
end $$;

-- ---- who may call what --------------------------------------------------------------------------------------------------------

do $$
declare one regprocedure;
begin
    for one in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname = any(array[
        'open_session', 'enter_sign_in', 'begin_session', 'begin_session_with_token', 'use_passkey',
        'begin_session_with_passkey', 'linked', 'begin_session_with_link', 'refuse_sign_in', 'user_of_session',
        'step_up_with_passkey', 'step_up_with_link', 'own_sessions', 'end_own_sessions', 'known_passkey', 'credentials_of',
        'open_invitation', 'invited', 'add_passkey', 'begin_session_with_invitation', 'add_own_passkey', 'own_passkeys',
        'revoke_own_passkey', 'invite_profile', 'replace_own_codes', 'own_codes_left', 'spend_recovery_code', 'own_tokens',
        'revoke_own_token', 'provider_of', 'countries_with_provider', 'count_wrong_try', 'seconds_to_wait',
        'spend_challenge'])
    loop
        execute format('revoke all on function %s from public', one);
        if one::text !~ '^(enter_sign_in|begin_session|use_passkey|linked|user_of_session|credentials_of|open_invitation|add_passkey)[(]'
        then execute format('grant execute on function %s to concord_app', one);
        end if;
    end loop;
end $$;
