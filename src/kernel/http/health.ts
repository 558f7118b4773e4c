import type { Context } from '../context.ts';
import { isDraining, readinessCheck } from '../lifecycle.ts';
import type { Reply } from './message.ts';
import type { RawRoute } from './raw-route.ts';

function plain(status: number, lines: readonly string[]): Reply {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: `${lines.join('\n')}\n`,
  };
}

/** Alive: the process answers, whatever the database does. */
export const healthLive: RawRoute = {
  methods: ['GET'],
  path: '/-/health/live/',
  handle: () => plain(200, ['alive']),
};

async function missing(ctx: Context): Promise<string[]> {
  if (isDraining(ctx)) return ['The server is stopping.'];
  try {
    await ctx.db.query('select 1');
    const answers = await Promise.all(ctx.registry.all(readinessCheck).map((check) => check.check(ctx)));
    return answers.filter((answer) => answer !== undefined);
  } catch {
    return ['The database does not answer.'];
  }
}

/** Ready: migrated, the default flows made, the database answering. */
export const healthReady: RawRoute = {
  methods: ['GET'],
  path: '/-/health/ready/',
  async handle(ctx) {
    const lacking = await missing(ctx);
    return lacking.length === 0 ? plain(200, ['ready']) : plain(503, lacking);
  },
};
