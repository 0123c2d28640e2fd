-- Found or made, as before: the caller cannot tell which. The first measure of a transform stays.
drop function fingerprint_for(uuid, text, bytea, integer, text);

create function fingerprint_for(asked uuid, its_kind text, its_transform text, its_value bytea, its_quality integer,
                                its_decoder text, its_walls text) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    insert into fingerprint (material_id, kind, transform, value, quality, decoder, walls)
    values (asked, its_kind, its_transform, its_value, its_quality, its_decoder, its_walls)
    on conflict (material_id, kind, transform) do nothing $$;

alter table fingerprint add constraint fingerprint_transform check (transform in ('none', 'trim'));

revoke all on function fingerprint_for(uuid, text, text, bytea, integer, text, text) from public;
grant execute on function fingerprint_for(uuid, text, text, bytea, integer, text, text) to concord_app;
