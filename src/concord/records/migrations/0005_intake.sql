-- An intake is its unit's alone. Nothing else permits: no country, no hub, no restriction; and when its time is over it is
-- not there any more, for its own unit either, whether or not somebody has erased it yet.

-- ---- intakes ----------------------------------------------------------------------------------------------------------

create policy own on intake to concord_app
    using (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit()) and expires_at > now())
    with check (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit())
                and author_id = (select acting_user()));
-- Whoever of the unit goes on with an intake need not be the one who opened it.
create policy renew on intake for update to concord_app
    using (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit()) and expires_at > now())
    with check (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit()));
grant select, insert, delete on intake to concord_app;
grant update (expires_at, state) on intake to concord_app;

-- What belongs to an intake is seen with it; `in` is asked once a query.
create policy own on intake_item to concord_app
    using (intake_id in (select id from intake)) with check (intake_id in (select id from intake));
grant select, insert, update, delete on intake_item to concord_app;

alter table intake_item add constraint intake_item_sizes check (
    octet_length(path_key) = 16 and octet_length(sha256) = 32 and octet_length(sha1) = 20 and octet_length(md5) = 16);

-- ---- lists of ordinary files --------------------------------------------------------------------------------------------

create policy own on ordinary_list to concord_app
    using (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit()))
    with check (owner_country = (select acting_country()) and owner_unit_id = (select acting_unit())
                and author_id = (select acting_user()));
grant select, insert, delete on ordinary_list to concord_app;
grant update (digests) on ordinary_list to concord_app;

create policy own on ordinary_digest to concord_app
    using (list_id in (select id from ordinary_list)) with check (list_id in (select id from ordinary_list));
grant select, insert, delete on ordinary_digest to concord_app;

alter table ordinary_digest add constraint ordinary_digest_size check (octet_length(digest) in (16, 20, 32));

-- ---- for each of them -----------------------------------------------------------------------------------------------------

do $$
declare name text;
begin
    foreach name in array array['intake', 'intake_item', 'ordinary_list', 'ordinary_digest']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy somebody on %I as restrictive to concord_app
            using ((select acting_country()) is not null)', name);
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;
