/** Exact filters with a value that very many invitations have (docs/performance.md). */
export const sql = `
select count_rows('invitation', 'r.open', array['flow', 'created_by', 'flow,created_by'],
  array['name', 'expires', 'flow', 'created_by']);
`;
