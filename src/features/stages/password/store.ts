import type { Queryable } from '../../../kernel/db/types.ts';

/** The password stages that people may configure, by name. */
export function listConfigurable(db: Queryable): Promise<{ stage_uuid: string; name: string }[]> {
  return db.query<{ stage_uuid: string; name: string }>(
    `select s.stage_uuid, s.name from password_stage p join stage s on s.stage_uuid = p.stage_uuid
     where p.configure_flow is not null order by s.name collate "C"`,
  );
}
