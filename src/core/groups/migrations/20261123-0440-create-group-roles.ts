export const sql = `
-- Every role of a group's members that they have by it: its own, and those of the groups above.
create function group_role_uuids(member_of uuid) returns setof uuid language sql stable as $$
  with recursive above(group_uuid) as (
    select member_of
    union
    select p.parent from group_parents p join above a on p.child = a.group_uuid
  )
  select distinct l.role_uuid from group_roles l join above using (group_uuid)
$$;
`;
