import type { Queryable } from '../../../../../kernel/db/types.ts';
import type { Parameters } from '../../../../../kernel/resource/parameters.ts';

export type FigureRow = {
  /** Of which the row is: all, a flow or a week. */
  readonly kind: 'all' | 'flow' | 'week';
  readonly flow: string | null;
  /** Its Monday. */
  readonly week: string | null;
  readonly created: number;
  readonly sent: number;
  readonly opened: number;
  readonly used: number;
  readonly uses: number;
  readonly median_seconds_to_use: number | null;
};

/** Figures of the invitations under alias t that fulfil the conditions: of all, by flow and by the week of their making. */
export async function countInvitations(
  db: Queryable,
  { conditions, parameters }: { readonly conditions: readonly string[]; readonly parameters: Parameters },
): Promise<FigureRow[]> {
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  return db.query<FigureRow>(
    `select case when grouping(f.slug) = 0 then 'flow' when grouping(w.week) = 0 then 'week' else 'all' end as kind,
       f.slug as flow, to_char(w.week, 'YYYY-MM-DD') as week, count(*)::integer as created,
       count(t.sent)::integer as sent, count(o.invitation)::integer as opened, count(u.first)::integer as used,
       coalesce(sum(u.number), 0)::integer as uses,
       round(percentile_cont(0.5) within group (order by extract(epoch from u.first - coalesce(t.sent, t.created))))::double precision
         as median_seconds_to_use
     from invitation t left join flow f on f.flow_uuid = t.flow
       cross join lateral (select date_trunc('week', t.created at time zone 'UTC') as week) w
       left join lateral (select min(n.used) as first, count(*) as number from invitation_use n
         where n.invitation = t.invite_uuid) u on true
       left join lateral (select p.invitation from invitation_opening p where p.invitation = t.invite_uuid limit 1) o on true
     ${where} group by grouping sets ((), (f.slug), (w.week)) order by f.slug collate "C", w.week`,
    parameters.values,
    { prepare: false },
  );
}
