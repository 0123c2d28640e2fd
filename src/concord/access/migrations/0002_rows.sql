-- Audit entries: the program inserts in its own name and reads its own country's. No update, no delete, for nobody.
create policy somebody on audit_entry as restrictive to concord_app using ((select acting_country()) is not null);
create policy own on audit_entry for select to concord_app using (owner_country = (select acting_country()));
create policy append on audit_entry for insert to concord_app with check (
    owner_country = (select acting_country()) and unit = (select acting_unit()) and "user" = (select acting_user()));
grant select, insert on audit_entry to concord_app;

alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy administration on audit_entry for select to concord_owner using (true);
