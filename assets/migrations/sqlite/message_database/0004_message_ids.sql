-- Rows before the start of the order get a place at its end, unless the numbers are used up.
update status_message set message_id = numbered.next
from (select old.message_id as id,
        (select max(message_id) from status_message) + row_number() over (order by old.message_id) as next
      from status_message as old
      where old.message_id <= 0 and (select max(message_id) from status_message) < 9000000000000000000) as numbered
where status_message.message_id = numbered.id;
update sqlite_sequence set seq = (select max(message_id) from status_message)
where name = 'status_message' and seq < (select max(message_id) from status_message);

-- The database alone gives message_id. One that a program supplies at or below the greatest ever given would never be transferred,
-- and one far ahead would use the numbers up. While a row's trigger runs, the sequence still has its value of before the statement.
-- A copy brings the numbers of its source.
create trigger status_message_id_is_given after insert on status_message
when (new.message_id <= coalesce((select max(seq) from sqlite_sequence where name = 'status_message'), 0)
        or new.message_id > coalesce((select max(seq) from sqlite_sequence where name = 'status_message'), 0) + 1000000000000)
    and not exists (select 1 from sqlite_master where name = 'unfinished_copy')
begin
    select raise(abort, 'message_id is given by the message database: leave the column out');
end;
create trigger status_message_id_stays before update of message_id on status_message
when new.message_id <> old.message_id
begin
    select raise(abort, 'message_id is given by the message database and stays');
end;
