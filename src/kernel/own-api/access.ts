import type { RequestContext } from '../context.ts';
import type { HttpRequest } from '../http/message.ts';
import { modelOf } from '../resource/model.ts';
import type { Model } from '../resource/model.ts';
import type { Resource } from '../resource/resource.ts';
import { objectLevel } from '../resource/scope.ts';
import { Problem, problems } from './problem.ts';

/** Who may call an operation. */
export type Access = {
  /** Whether somebody has to be known at all. */
  readonly open: boolean;
  /** `app_label.codename` of what is needed, all of it; for the document. */
  readonly permissions: readonly string[];
  /** Throws a problem: 403, or 404 for an object that is not for their eyes. Runs before anything is looked for. */
  check(ctx: RequestContext, request: HttpRequest): Promise<void>;
};

/** Everybody, known or not. */
export const anyone: Access = { open: true, permissions: [], check: async () => {} };

/** Everybody who is known. */
export const signedIn: Access = { open: false, permissions: [], check: async () => {} };

/** Who holds all of the permissions on everything. */
export function holders(...permissions: readonly string[]): Access {
  return {
    open: false,
    permissions,
    async check({ actor }) {
      if (!permissions.every((permission) => actor?.can(permission) === true)) throw new Problem(problems.forbidden);
    },
  };
}

const whole = new WeakMap<Resource, Resource>();

/** The resource with the rows that v3 does not show any more: its permissions are those of the own API too. */
export function wholeOf(resource: Resource): Resource {
  const known = whole.get(resource) ?? { ...resource, visible: undefined };
  whole.set(resource, known);
  return known;
}

/** The model of every row of a resource, for conditions on what the caller may view (`scopeConditions`). */
export function wholeModel({ registry }: Pick<RequestContext, 'registry'>, resource: Resource): Model {
  return modelOf(wholeOf(resource), registry);
}

type On = {
  readonly permissions: readonly string[];
  /** The path's parameter with the object's key; absent for a list, which shows what its caller may view. */
  readonly parameter?: string;
};

/** Who holds all of the permissions on everything, or on the object of the path (contract part 1, 1.3). */
export function holdersOn(resource: Resource, { permissions, parameter }: On): Access {
  return {
    open: false,
    permissions,
    async check(ctx, request) {
      const { actor } = ctx;
      if (permissions.every((permission) => actor?.can(permission) === true)) return;
      const level = objectLevel(wholeModel(ctx, resource), permissions, { detail: parameter !== undefined });
      if (!(await level.mayEnter(ctx))) throw new Problem(problems.forbidden);
      if (parameter === undefined) return;
      const key = request.params[parameter] ?? '';
      await level.check?.(ctx, { ...request, params: { [resource.lookup ?? resource.key]: key } });
    },
  };
}
