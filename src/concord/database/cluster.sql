-- The roles of an installation, in database postgres. Runs in single-user mode, again whenever this file changes, so it
-- states what shall be. An empty line after a semicolon ends a command there, so none may stand inside one.

do $$
declare
    role text;
begin
    foreach role in array array['concord_owner', 'concord_app', 'concord_matcher', 'concord_backup'] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I', role);
        end if;
        execute format('alter role %I with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls', role);
    end loop;
end
$$;

alter role concord_backup with bypassrls;

grant pg_read_all_data to concord_backup;

