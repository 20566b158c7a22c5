-- Lists that operators saved under a name: the list, its filter, order, hidden columns and zone, as JSON.
create table saved_view (
    view_id      integer primary key autoincrement,
    operator     text not null,
    name         text not null,
    definition   text not null,
    changed_at   integer not null,
    edit_version integer not null default 0,
    unique (operator, name)
) strict;
