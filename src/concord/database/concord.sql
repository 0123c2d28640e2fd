-- Who may do what at all in database concord. Runs in single-user mode like cluster.sql.

alter database concord owner to concord_owner;

revoke all on database concord from public;

grant connect on database concord to concord_app, concord_matcher, concord_backup;

alter schema public owner to concord_owner;

revoke all on schema public from public;

grant usage on schema public to concord_app, concord_matcher, concord_backup;

