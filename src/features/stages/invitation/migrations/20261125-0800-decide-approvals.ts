export const sql = `
alter table invitation_approval
  -- What who decided said of it.
  add reason text not null default '',
  -- Whether the account is inactive because of this, and nobody has let it in otherwise.
  add held boolean not null default true,
  -- When the mails to those who may decide were queued.
  add told timestamptz;
create index invitation_approval_requested on invitation_approval (requested desc, approval_uuid desc);

-- Who is let in by an administrator is not held by this any more: a later approval changes nothing of the account.
create function invitation_approval_released() returns trigger language plpgsql as $$
begin
  update invitation_approval set held = false where user_id = new.id and held;
  return null;
end $$;
create trigger invitation_approval_released after update of is_active on users for each row
  when (new.is_active and not old.is_active) execute function invitation_approval_released();
`;
