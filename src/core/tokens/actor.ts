import type { Actor } from '../../kernel/authz/actor.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import type { Rights } from '../groups/index.ts';
import type { Session } from '../sessions/index.ts';
import { findUserWithRights } from './store.ts';

/** What is known about a user who proved who they are. */
export type ActorFacts = Omit<Actor, 'can' | 'initial' | keyof Rights> & Rights;

/** The actor of those facts, frozen: cached ones are shared by requests. A superuser may do everything (2.5). */
export function actorOf({ permissions, initial, ...facts }: ActorFacts): Actor {
  const granted: ReadonlySet<string> = new Set(permissions);
  return Object.freeze({
    ...facts,
    initial: new Set(initial),
    can: (permission: string) => facts.isSuperuser || granted.has(permission),
  });
}

/** Who is signed in by a session, and as whom; undefined: nobody is. */
export function actorOfSession({ user, uuid: sessionUuid }: Session): Actor | undefined {
  if (!user || sessionUuid === undefined) return undefined;
  const { id, uuid, username, email, type, rights, impersonator } = user;
  const facts = { id, uuid, username, email, type, ...rights, sessionUuid, via: 'session' as const };
  return actorOf(impersonator === null ? facts : { ...facts, impersonator });
}

/** An active user as the actor of work that goes on after their request; undefined when there is none any more. */
export async function findActor(db: Queryable, id: number): Promise<Actor | undefined> {
  const user = await findUserWithRights(db, id);
  return user && actorOf({ ...user, ...user.rights, via: 'token' });
}
