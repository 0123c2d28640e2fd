-- Proposals: who sees them, how they end, and what they then change. The program reads these tables and writes none of them: each
-- step is a function that looks again whether it may be done. The rule of the states stands in records/proposal.py.

-- ---- who sees what ----------------------------------------------------------------------------------------------------

create function proposal_has_me(asked uuid) returns boolean
    stable security definer set search_path = pg_catalog, public language sql as $$
    select exists (select from proposal_voice v where v.proposal_id = asked and v.owner_unit_id = acting_unit()) $$;

create function subjects_of(asked uuid) returns uuid[]
    stable security definer set search_path = pg_catalog, public language sql as $$
    select array(select s.record from proposal_subject s where s.proposal_id = asked) $$;

-- In the name of whoever acts: under the policies of these tables.
create function proposal_is_known(asked uuid) returns boolean stable language plpgsql as $$
declare its uuid[] := subjects_of(asked);
begin
    return cardinality(its) = (select count(*) from series where id = any(its)) + (select count(*) from person where id = any(its))
        + (select count(*) from contribution where id = any(its));
end $$;

-- Whoever proposes; the hub as long as it has to decide; and whoever is concerned, if he may know of all that it is about. If not,
-- it is as if he did not answer: neither he nor whoever proposes learns why.
create policy own on proposal for select to concord_app using (owner_unit_id = (select acting_unit()));
create policy concerned on proposal for select to concord_app using (proposal_has_me(id) and proposal_is_known(id));
create policy escalated on proposal for select to concord_app using (state = 'ESCALATED' and (select acting_is_hub()));
create policy reach on proposal as restrictive to concord_app using (basis = 'TRAINING' or (select acting_reach()) = 'REAL');

-- An owner sees of the others concerned neither who they are nor what they answered: some may be hidden from him.
create policy proposed on proposal_voice for select to concord_app using (
    exists (select from proposal p where p.id = proposal_id
            and (p.owner_unit_id = (select acting_unit()) or p.state = 'ESCALATED' and (select acting_is_hub()))));
create policy own on proposal_voice for select to concord_app using (
    owner_unit_id = (select acting_unit()) and exists (select from proposal p where p.id = proposal_id));

create policy follows on proposal_subject for select to concord_app using (
    exists (select from proposal p where p.id = proposal_id));
grant select on proposal, proposal_subject, proposal_voice to concord_app;

do $$
declare name text;
begin
    foreach name in array array['proposal', 'proposal_subject', 'proposal_voice']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy somebody on %I as restrictive to concord_app
            using ((select acting_country()) is not null)', name);
        execute format('create policy administration on %I to concord_owner using (true) with check (true)', name);
    end loop;
end $$;

-- ---- what is done in the end --------------------------------------------------------------------------------------------

-- `asked`: the units that were. What a record was merged into goes along, or stays, only where its owner was asked as well: else
-- whoever once merged something of his into another's could merge that other's as his own. Where he was not, the one that is to
-- stay stands for itself again, and of those that go only what is named goes.
create function merge_into(kept uuid, gone uuid, name text, asked uuid[]) returns void language plpgsql as $$
declare
    above constant text := 'select r.id, r.owner_unit_id = any($2) from %1$I o join %1$I r on r.id = coalesce(o.merged_into_id, o.id)
                            where o.id = $1';
    root uuid; leaf uuid; roots_too boolean; leafs_too boolean;
begin
    execute format(above, name) into root, roots_too using kept, asked;
    execute format(above, name) into leaf, leafs_too using gone, asked;
    if root is null or leaf is null or root = leaf then return; end if;
    if not roots_too then
        root := kept;
        execute format('update %I set merged_into_id = null where id = $1', name) using kept;
    end if;
    if not leafs_too then leaf := gone; end if;
    -- One step leads to what stays: what was merged before goes along.
    execute format('update %I set merged_into_id = $1 where id = $2 or merged_into_id = $2', name) using root, leaf;
end $$;

create function carry_out(asked uuid, at_time timestamptz) returns void language plpgsql as $$
declare p proposal%rowtype; name text; its uuid[];
begin
    select * into p from proposal where id = asked;
    select lower(min(s.subject)), array_agg(s.record order by s.position) into name, its
        from proposal_subject s where s.proposal_id = asked;
    if p.kind <> 'EDIT' then
        perform pg_advisory_xact_lock(hashtextextended('concord merge', 0));   -- two the other way round would make a ring
        for i in 2 .. cardinality(its) loop
            perform merge_into(its[1], its[i], name, array(select v.owner_unit_id from proposal_voice v where v.proposal_id = asked));
        end loop;
    elsif (name, p.field) in (('person', 'merged_into'), ('series', 'merged_into')) then
        execute format('update %I set merged_into_id = null where id = $1', name) using its[1];
    elsif (name, p.field) = ('person', 'state') then
        update person set state = p.value, state_since = at_time where id = its[1];
    elsif (name, p.field) in (('person', 'role'), ('person', 'label'), ('series', 'name'), ('contribution', 'category')) then
        execute format('update %I set %I = $1 where id = $2', name, p.field) using p.value, its[1];
    else
        raise exception 'nothing of % is called %', name, p.field using errcode = 'check_violation';
    end if;
end $$;

-- ---- the steps ----------------------------------------------------------------------------------------------------------

-- Opens a proposal of the acting unit about `its`, which the caller may know of. `others`: units that are concerned besides the
-- owners of these, as far as the acting unit knows of them. Its own agreement is given with it. Returns the state.
create function open_proposal(made uuid, its_kind text, its_field text, its_value text, why text, its_subject text, its uuid[],
                              others uuid[], at_time timestamptz, due timestamptz) returns text
    security definer set search_path = pg_catalog, public language plpgsql as $$
declare name text := lower(its_subject); ground text; owners uuid[];
begin
    if name not in ('series', 'person', 'contribution') then return null; end if;
    execute format('select array_agg(distinct owner_unit_id), min(basis) filter (where basis <> ''TRAINING'')
                    from %I where id = any($1)', name) into owners, ground using its;
    insert into proposal (id, owner_country, owner_unit_id, author_id, recorded_at, kind, field, value, reason, basis, state, due_at)
    values (made, acting_country(), acting_unit(), acting_user(), at_time, its_kind, its_field, its_value, why,
            coalesce(ground, 'TRAINING'), 'OPEN', due);
    insert into proposal_subject (id, proposal_id, position, subject, record)
    select gen_random_uuid(), made, one.place - 1, its_subject, one.record
    from unnest(its) with ordinality as one(record, place);
    insert into proposal_voice (id, proposal_id, owner_country, owner_unit_id, agreed, answered_by_id, answered_at)
    select gen_random_uuid(), made, n.country_id, n.id, case when n.id = acting_unit() then true end,
           case when n.id = acting_unit() then acting_user() end, case when n.id = acting_unit() then at_time end
    from unit n where n.id = any(owners || others);
    return settle_answers(made, at_time);
end $$;

create function settle_answers(asked uuid, at_time timestamptz) returns text language plpgsql as $$
declare ended text;
begin
    select case when bool_or(not v.agreed) then 'REFUSED' when bool_and(coalesce(v.agreed, false)) then 'DONE' end into ended
        from proposal_voice v where v.proposal_id = asked;
    if ended is null then
        return (select p.state from proposal p where p.id = asked);
    end if;
    if ended = 'DONE' then perform carry_out(asked, at_time); end if;
    update proposal set state = ended, decided_at = at_time, decided_by_id = acting_user() where id = asked;
    return ended;
end $$;

-- Null: the acting unit is not asked, or not any more.
create function answer_proposal(asked uuid, agrees boolean, said text, at_time timestamptz) returns text
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    perform from proposal where id = asked and state in ('OPEN', 'ESCALATED') for update;
    if not found then return null; end if;
    update proposal_voice set agreed = agrees, words = said, answered_by_id = acting_user(), answered_at = at_time
        where proposal_id = asked and owner_unit_id = acting_unit() and agreed is null;
    if not found then return null; end if;
    return settle_answers(asked, at_time);
end $$;

create function withdraw_proposal(asked uuid, at_time timestamptz) returns text
    security definer set search_path = pg_catalog, public language sql as $$
    update proposal set state = 'WITHDRAWN', decided_at = at_time, decided_by_id = acting_user()
    where id = asked and owner_unit_id = acting_unit() and state in ('OPEN', 'ESCALATED') returning state $$;

create function decide_proposal(asked uuid, accepts boolean, said text, at_time timestamptz) returns text
    security definer set search_path = pg_catalog, public language plpgsql as $$
begin
    if not acting_is_hub() then
        raise exception 'only the hub decides what has run out of time' using errcode = 'insufficient_privilege';
    end if;
    perform from proposal where id = asked and state = 'ESCALATED' and kind <> 'EDIT' for update;
    if not found then return null; end if;
    if accepts then perform carry_out(asked, at_time); end if;
    update proposal set state = case when accepts then 'DONE' else 'DECLINED' end, decision = said, decided_at = at_time,
        decided_by_id = acting_user() where id = asked;
    return case when accepts then 'DONE' else 'DECLINED' end;
end $$;

-- Whoever comes next lets the clocks run out, and learns nothing of it. The entry stands in the name of who proposed.
create policy clocks on audit_entry for insert to concord_owner with check (
    verb = 'PROPOSE' and reason in ('escalated', 'lapsed'));

create function settle_proposals(at_time timestamptz) returns void
    security definer set search_path = pg_catalog, public language sql as $$
    with over as (
        update proposal set state = case when kind = 'EDIT' then 'LAPSED' else 'ESCALATED' end,
                            decided_at = case when kind = 'EDIT' then at_time end
        where id in (select p.id from proposal p where p.state = 'OPEN' and p.due_at <= at_time for update skip locked)
        returning id, owner_country, owner_unit_id, author_id, state
    )
    insert into audit_entry (id, at, owner_country, unit, "user", verb, outcome, reason, purpose, item_count, items)
    select gen_random_uuid(), at_time, owner_country, owner_unit_id, author_id, 'PROPOSE', 'DONE', lower(state), null, 1,
           array[id::text] from over $$;

revoke all on function subjects_of(uuid), proposal_is_known(uuid), proposal_has_me(uuid),
    merge_into(uuid, uuid, text, uuid[]), carry_out(uuid, timestamptz),
    open_proposal(uuid, text, text, text, text, text, uuid[], uuid[], timestamptz, timestamptz),
    settle_answers(uuid, timestamptz), answer_proposal(uuid, boolean, text, timestamptz),
    withdraw_proposal(uuid, timestamptz), decide_proposal(uuid, boolean, text, timestamptz),
    settle_proposals(timestamptz) from public;
grant execute on function subjects_of(uuid), proposal_is_known(uuid), proposal_has_me(uuid),
    open_proposal(uuid, text, text, text, text, text, uuid[], uuid[], timestamptz, timestamptz),
    answer_proposal(uuid, boolean, text, timestamptz), withdraw_proposal(uuid, timestamptz),
    decide_proposal(uuid, boolean, text, timestamptz), settle_proposals(timestamptz) to concord_app;
