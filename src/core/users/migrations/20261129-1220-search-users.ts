/** Finds users by a part of their name: for lists that search in the names of those whom their rows refer to, too. */
export const sql = `
select index_search('users_search', 'users', array['username'], 'true');
`;
