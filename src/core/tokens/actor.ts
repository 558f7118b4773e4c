import type { Actor } from '../../kernel/authz/actor.ts';

/** What is known about a user who proved who they are. */
export type ActorFacts = Omit<Actor, 'can'> & {
  /** `app_label.codename` of what their roles grant on every object. */
  readonly permissions: ReadonlySet<string>;
};

/** The actor of those facts, frozen: cached ones are shared by requests. A superuser may do everything (2.5). */
export function actorOf({ permissions, ...facts }: ActorFacts): Actor {
  return Object.freeze({ ...facts, can: (permission: string) => facts.isSuperuser || permissions.has(permission) });
}
