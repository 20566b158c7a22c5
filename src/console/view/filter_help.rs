//! The help about filters.

/// Help about filters.
pub const FILTER_LINES: [&str; 12] = [
    "/ takes terms; rows must match all of them, without the case of letters:",
    "  timeout                          a word in any text column; * stands for any text",
    "  status:failed,canceled           one of several values; store:LON* by a wildcard",
    "  rows>10k  try>=2  size<1.5M      numbers; k, M and G are thousands",
    "  age<24h  from:yesterday  to:2026-11-20  modified>2026-11-20  applied<14:30",
    "  -store:LON*  !text:timeout  status!=applied   rows that do not match",
    "  text:\"duplicate key\"             quotes for blanks, and for - ! : , * as plain signs",
    "A bare number is a session, a job or an approval, by the list; \"1040\" in quotes is a word.",
    "A field that a list does not have is refused, and the fields that it has are listed. Examples:",
    "  status:failed age<24h            what failed since yesterday",
    "  status:failed repeated:no packages:no   sessions of stores that no other session repeats",
    "  text:deadlock from:2026-11-20    error texts since a day; searched piece by piece, Esc stops",
];
