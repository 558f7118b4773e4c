import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';

/** What happens when a stage gets an invalid answer, or denies (contract part 2, section 8). */
export type InvalidResponseAction = 'retry' | 'restart' | 'restart_with_context';

/** A stage still to be passed. */
export type PlanBinding = {
  readonly binding: string;
  /** Target of the binding's policies. */
  readonly policyTarget: string;
  readonly policyMode: string;
  /** Marker: its policies run again just before the stage. */
  readonly reEvaluate: boolean;
  readonly stage: string;
  readonly stageName: string;
  readonly type: string;
  readonly invalidResponseAction: InvalidResponseAction;
};

/** What must still hold when the plan becomes real; `name` is a registered commit step. */
export type PlanCommit = { readonly name: string; readonly data: JsonObject };

/** The rest of a flow for one visitor. Lives, sealed, in the session. */
export type Plan = {
  readonly flow: string;
  readonly slug: string;
  readonly bindings: readonly PlanBinding[];
  readonly context: JsonObject;
  /** Those still to run. */
  readonly commits: readonly PlanCommit[];
  /** The link it was begun with: query keys that stages named as their own, in canonical form (contract D17). */
  readonly link: JsonObject;
  /** Restarts since an answer was last accepted; bounds flows that would restart for ever. */
  readonly restarts: number;
};

/** A typed place in the plan's context; `read` parses what stands there, undefined when it is not of the shape. */
export type PlanKey<T extends Json> = { readonly name: string; readonly read: (value: Json) => T | undefined };

/** Declares a key of the plan's context. */
export function planKey<T extends Json>(name: string, read: (value: Json) => T | undefined): PlanKey<T> {
  return { name, read };
}

const text = (value: Json): string | undefined => (typeof value === 'string' ? value : undefined);
const flag = (value: Json): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
const object = (value: Json): JsonObject | undefined => (isJsonObject(value) ? value : undefined);
const integer = (value: Json): number | undefined => (Number.isInteger(value) ? Number(value) : undefined);

/** The user the flow is about; a stage that proves one sets it. */
export const pendingUser = planKey('pending_user', integer);
/** The user that this very plan created. */
export const createdUser = planKey('vestibule_created_user', integer);
/** How the pending user was proven to be the visitor; set by the stage that proved it. */
export const authMethod = planKey('auth_method', text);
/** Of the password that proved it: it must still be the account's when somebody is signed in by it (E09). */
export const passwordMark = planKey('vestibule_password_mark', text);
/** Wrong passwords so far, whichever stage asked for them. */
export const failedPasswords = planKey('password_failed_attempts', integer);
/** What somebody typed to be known by, real or not. */
export const pendingUserIdentifier = planKey('pending_user_identifier', text);
/** What prompts and invitations gathered. */
export const promptData = planKey('prompt_data', object);
/** Set when the plan came from a flow token. */
export const isRestored = planKey('is_restored', flag);
/** Set when another flow's redirect stage led here. */
export const isRedirected = planKey('is_redirected', flag);
/** Where a finished flow goes, ahead of `next`. */
export const redirectTo = planKey('redirect', text);
/** The e-mail address that the person has proved to own in this very plan; set by the stage that proved it (E08). */
export const provenEmail = planKey('vestibule_proven_email', text);
/** The plan's account is inactive until its address is proved: the stage that proves it activates it. */
export const activeWhenProven = planKey('vestibule_active_when_proven', flag);
/** Prompt data that nobody may type over; see `locked.ts`. */
export const lockedData = planKey('vestibule_locked_data', object);
/** The plan's account waits for somebody's decision: no stage may activate it or log it in. */
export const accountHeld = planKey('vestibule_account_held', flag);

/** A plan while a request works on it: a draft that is saved as a whole or dropped. */
export class PlanDraft {
  #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** The plan as it stands. */
  get plan(): Plan {
    return this.#plan;
  }

  get<T extends Json>(key: PlanKey<T>): T | undefined {
    const value = Object.hasOwn(this.#plan.context, key.name) ? this.#plan.context[key.name] : undefined;
    return value === undefined ? undefined : key.read(value);
  }

  set<T extends Json>(key: PlanKey<T>, value: T): void {
    this.#plan = { ...this.#plan, context: { ...this.#plan.context, [key.name]: value } };
  }

  delete(key: PlanKey<Json>): void {
    const { [key.name]: _gone, ...context } = this.#plan.context;
    this.#plan = { ...this.#plan, context };
  }

  /** Leaves a commit step. A stage that runs again leaves its step again, which counts once. */
  leaveCommit(commit: PlanCommit): void {
    const text = JSON.stringify(commit);
    const others = this.#plan.commits.filter((other) => JSON.stringify(other) !== text);
    this.#plan = { ...this.#plan, commits: [...others, commit] };
  }

  /** The commit steps left so far. */
  get commits(): readonly PlanCommit[] {
    return this.#plan.commits;
  }

  /** Takes a commit step out: each runs once a plan. */
  dropCommit(commit: PlanCommit): void {
    this.#plan = { ...this.#plan, commits: this.#plan.commits.filter((other) => other !== commit) };
  }

  /** Drops bindings up to and including the given one. */
  dropThrough(binding: PlanBinding): void {
    const at = this.#plan.bindings.indexOf(binding);
    this.#plan = { ...this.#plan, bindings: this.#plan.bindings.slice(at + 1) };
  }

  /** An answer was accepted: the flow is getting somewhere. */
  forgetRestarts(): void {
    this.#plan = { ...this.#plan, restarts: 0 };
  }

  /** Takes back what was done since the plan looked so: its transaction was undone. */
  rollBack(plan: Plan): void {
    this.#plan = plan;
  }
}
