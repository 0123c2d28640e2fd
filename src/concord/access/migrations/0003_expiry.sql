-- What an intake's clock says is done by whoever comes next, of whatever unit: they learn nothing of it. The entry stands in
-- the name of who opened the intake and with it set the clock.
create policy expiry on audit_entry for insert to concord_owner with check (verb = 'ERASE-INTAKE' and reason = 'expired');

create function erase_expired_intakes() returns void
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare gone record;
begin
    for gone in select id, owner_country, owner_unit_id, author_id from intake where expires_at <= now() for update skip locked
    loop
        delete from intake_item where intake_id = gone.id;
        delete from intake where id = gone.id;
        insert into audit_entry (id, at, owner_country, unit, "user", verb, outcome, reason, purpose, item_count, items)
        values (gen_random_uuid(), now(), gone.owner_country, gone.owner_unit_id, gone.author_id, 'ERASE-INTAKE', 'DONE',
                'expired', null, 1, array[gone.id::text]);
    end loop;
end $$;

revoke all on function erase_expired_intakes() from public;
grant execute on function erase_expired_intakes() to concord_app;
