export const sql = `
create table outbox_message (
  message_uuid uuid primary key default gen_random_uuid(),
  -- With angle brackets; the same at every try, so that receivers can tell a duplicate.
  message_id text not null,
  -- Who wants it sent (a registered cause), and for which object of theirs.
  cause text not null,
  object text,
  user_id integer references users on delete set null,
  template text not null,
  language text not null,
  -- What the template is filled with, sealed: it holds links. Null once its time is over.
  content bytea,
  created timestamptz not null default now(),
  tries integer not null default 0,
  -- The next try; null when nothing is left to do.
  due timestamptz default now(),
  -- Who is at it, and until when nobody else may be: a worker that dies leaves it to run out.
  lease uuid,
  lease_until timestamptz,
  finished timestamptz
);
create index outbox_message_due on outbox_message (due) where due is not null;
create index outbox_message_object on outbox_message (cause, object);
create index outbox_message_user on outbox_message (user_id, created);
create index outbox_message_finished on outbox_message (finished) where finished is not null;

create table outbox_recipient (
  message uuid not null references outbox_message on delete cascade,
  position integer not null,
  address text not null,
  -- to, cc or bcc
  header text not null,
  -- queued, sent, deferred, failed or cancelled
  state text not null default 'queued',
  -- The server's last answer, or why not.
  answer text not null default '',
  tries integer not null default 0,
  changed timestamptz not null default now(),
  primary key (message, position)
);
create index outbox_recipient_address on outbox_recipient (address);
create index outbox_recipient_state on outbox_recipient (state) where state <> 'sent';
`;
