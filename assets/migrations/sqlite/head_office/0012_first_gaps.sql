-- The longest usual gap of a channel database begins with 12 hours, because its nights are not known yet. Gaps that were learned from
-- the messages within a session are shorter.
update channel_database set usual_gap = 43200000 where usual_gap < 43200000;
