export const sql = `
alter table invitation_import add begun timestamptz;
comment on column invitation_import.begun is 'When somebody was last heard to be at it; null: nobody was yet.';
update invitation_import set begun = created where state <> 'waiting';
`;
