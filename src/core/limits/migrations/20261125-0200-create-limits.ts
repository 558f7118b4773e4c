/**
 * Counters of what was tried. `key` is a keyed hash, so that no row holds an address, a name or a link.
 *
 * Windows are unlogged: a counter that is lost in a crash of the database costs a few more tries, and writing one costs
 * no flush to the disk. Streaks are kept: only success ends one.
 */
export const sql = `
create unlogged table limit_window (
  kind text not null,
  key text not null,
  points integer not null,
  ends timestamptz not null,
  reported boolean not null default false,
  primary key (kind, key)
) with (fillfactor = 70);
create index limit_window_ends on limit_window (ends);

create table limit_streak (
  kind text not null,
  key text not null,
  failures integer not null,
  free_at timestamptz not null,
  expires timestamptz,
  reported boolean not null default false,
  primary key (kind, key)
) with (fillfactor = 70);
create index limit_streak_expires on limit_streak (expires) where expires is not null;
`;
