import type { Actor } from '../../kernel/authz/actor.ts';
import type { Rights } from '../groups/index.ts';

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
