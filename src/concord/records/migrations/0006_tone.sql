-- A picture with enough detail has a fingerprint of its evened tones since then. Where one of quality 50 or more has none, it
-- was measured before; entering the file again adds it.
alter table fingerprint drop constraint fingerprint_transform;
alter table fingerprint add constraint fingerprint_transform check (transform in ('none', 'trim', 'tone', 'trim+tone'));
