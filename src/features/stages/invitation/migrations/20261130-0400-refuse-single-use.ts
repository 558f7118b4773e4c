/**
 * As before, and: an invitation that was used does not become one for single use, for it would be pending with more uses
 * than it may have. The own API refuses a limit below the uses. Asked only where single use is new.
 */
export const sql = `
create or replace function invitation_limit() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.max_uses is null and new.single_use then new.max_uses := 1; end if;
  elsif new.max_uses is not distinct from old.max_uses and new.single_use <> old.single_use then
    if new.single_use and (old.uses > 0
        or exists (select from invitation_use u where u.invitation = new.invite_uuid)) then
      raise exception using errcode = 'check_violation', constraint = 'invitation_single_use_unused', table = 'invitation',
        message = 'The invitation was used already.';
    end if;
    new.max_uses := case when new.single_use then 1 end;
    new.uses := 0;
  end if;
  new.single_use := new.max_uses is not distinct from 1;
  return new;
end $$;
`;
