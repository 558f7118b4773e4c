/**
 * Sending notes its instant in the invitation. While an index asked for that column, each sending wrote a new entry into
 * every index of the table; now it changes the row where it stands (docs/performance.md).
 */
export const sql = `
drop index invitation_reminding;
create index invitation_reminding on invitation (invite_uuid) where open and reminders <> '[]';
`;
