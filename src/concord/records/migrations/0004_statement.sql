-- A statement of a file is known where the instance is that it stands beside. Policies as for instance (0002_rows.sql).
create policy own on statement for select to concord_app using (owner_country = (select acting_country()));
create policy says on statement for insert to concord_app
    with check (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit())
                and author_id = (select acting_user())
                and exists (select from instance i where i.id = instance_id and i.material_id = statement.material_id
                            and i.owner_unit_id = statement.owner_unit_id));
create policy shared on statement for select to concord_app using (
    (restriction_id is null or restriction_permits(restriction_id))
    and exists (select from instance i where i.id = instance_id));
create policy somebody on statement as restrictive to concord_app using ((select acting_country()) is not null);
create policy administration on statement to concord_owner using (true) with check (true);
alter table statement enable row level security;
alter table statement force row level security;
grant select, insert on statement to concord_app;

-- Bounded as the jail bounds it: what a worker says is not trusted.
alter table statement add constraint statement_sizes check (
    length(kind) between 1 and 40 and length(value) between 1 and 200
    and source in ('exif', 'xmp', 'iptc', 'makernote', 'jpeg'));
