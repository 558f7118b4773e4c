export const sql = `
-- A cached plan must not outlive what it was made of, whoever changes it (contract part 2, section 6).
create function flow_plan_cache_clear() returns trigger language plpgsql as $$
begin
  delete from flow_plan_cache;
  return null;
end $$;
create trigger flow_plan_cache_flow after update on flow execute function flow_plan_cache_clear();
create trigger flow_plan_cache_stage after update or delete on stage execute function flow_plan_cache_clear();
create trigger flow_plan_cache_binding after insert or update or delete on flow_stage_binding
  execute function flow_plan_cache_clear();
create trigger flow_plan_cache_policy_binding after insert or update or delete on policy_binding
  execute function flow_plan_cache_clear();
create trigger flow_plan_cache_policy after update or delete on policy execute function flow_plan_cache_clear();
create trigger flow_plan_cache_group after update on groups execute function flow_plan_cache_clear();
create trigger flow_plan_cache_parents after insert or delete on group_parents
  execute function flow_plan_cache_clear();

create function flow_plan_cache_forget_member() returns trigger language plpgsql as $$
begin
  delete from flow_plan_cache where user_key = coalesce(new.user_id, old.user_id)::text;
  return null;
end $$;
create trigger flow_plan_cache_member after insert or delete on group_members
  for each row execute function flow_plan_cache_forget_member();
`;
