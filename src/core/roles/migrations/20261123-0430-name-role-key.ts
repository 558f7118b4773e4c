// Detail URLs of roles go by `{uuid}`, and a path parameter is named as its column.
export const sql = `
alter table roles rename column role_uuid to uuid;
alter table roles add managed text constraint roles_managed_key unique;
`;
