-- The parameters that agents follow, as head office has them. Programs change them; agents read them.
create table agent_parameter (
    name       text    primary key,      -- try-count
    value      integer not null,         -- attempts of a failed stage; 0 is without limit
    changed_at integer not null
) strict;
