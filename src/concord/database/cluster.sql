-- The roles of an installation, in database postgres. Runs again whenever this file changes, so it states what shall be.
-- Single-user mode runs it for the embedded server: an empty line after a semicolon ends a command there, so none may
-- stand inside one. An administrator runs it for any other (`concord database-sql`), who need not be a superuser: so
-- only what differs is altered, as only a superuser may say so much as nosuperuser.

do $$
declare
    role text;
begin
    foreach role in array array['concord_owner', 'concord_app', 'concord_matcher', 'concord_backup'] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I login', role);
        end if;
        if exists (select from pg_roles where rolname = role and (not rolcanlogin or rolsuper or rolcreatedb
                   or rolcreaterole or rolreplication or rolbypassrls and role <> 'concord_backup')) then
            execute format('alter role %I with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls', role);
        end if;
    end loop;
end
$$;

do $$
begin
    if not (select rolbypassrls from pg_roles where rolname = 'concord_backup') then
        alter role concord_backup with bypassrls;
    end if;
    if not pg_has_role('concord_backup', 'pg_read_all_data', 'member') then
        grant pg_read_all_data to concord_backup;
    end if;
exception when insufficient_privilege then
    raise warning 'concord_backup cannot be given the right to read everything here: back up by the server''s own means';
end
$$;

