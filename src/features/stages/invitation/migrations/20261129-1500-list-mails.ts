export const sql = `
-- Mails about an invitation, and about the accounts that it made, besides those that carry its link: these are found by
-- the cause and the object of the outbox.
create table invitation_mail (
  message uuid primary key references outbox_message on delete cascade,
  invitation uuid not null references invitation on delete cascade,
  -- What it tells, such as approval_asked.
  kind text not null
);
create index invitation_mail_invitation on invitation_mail (invitation);

-- The templates had these names.
insert into invitation_mail (message, invitation, kind)
select m.message_uuid, i.invite_uuid, m.template
from outbox_message m join invitation i on i.invite_uuid::text = case m.cause
  when 'invitation' then m.object
  when 'invitation_approval' then (select a.invitation::text from invitation_approval a where a.approval_uuid::text = m.object)
  when 'invitation_decision' then (select a.invitation::text from invitation_approval a where a.approval_uuid::text = m.object)
  when 'invitation.notice' then coalesce(
    (select e.invitation::text from account_expiry e where m.template = 'account_ending' and e.user_id::text = m.object),
    m.object) end
where m.cause in ('invitation_approval', 'invitation_decision', 'invitation.notice')
  or (m.cause = 'invitation' and m.template = 'invitation_reminder');
`;
