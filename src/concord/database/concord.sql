-- Who may do what at all in database concord. Run like cluster.sql, after it.

-- Giving something to a role takes being a member of it, unless one is a superuser.
do $$
begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant concord_owner to %I', current_user);
    end if;
end
$$;

alter database concord owner to concord_owner;

revoke all on database concord from public;

grant connect on database concord to concord_app, concord_matcher, concord_backup;

alter schema public owner to concord_owner;

revoke all on schema public from public;

grant usage on schema public to concord_app, concord_matcher, concord_backup;

do $$
begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('revoke concord_owner from %I', current_user);
    end if;
end
$$;

