import type { RequestContext } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { Shape } from '../../kernel/resource/field.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';
import type { Session } from '../sessions/index.ts';
import type { FormField } from './page/schema.ts';
import type { PlanDraft } from './plan.ts';
import type { FlowRow } from './store.ts';

export type FieldError = { readonly string: string; readonly code: string };
/** Field → errors; cross-field ones under `non_field_errors`, and only when no single field failed. */
export type ResponseErrors = { readonly [field: string]: readonly FieldError[] };

/** The flow does not go on. Thrown by stages and commit steps; becomes `ak-stage-access-denied`. */
export class Denial extends Error {
  /** Denies even where the binding says restart, because the same would only happen again (contract D13). */
  readonly final: boolean;
  /** What is done before it is answered, when the transaction that it undid is over. */
  readonly afterwards: (() => Promise<void>) | undefined;
  constructor(message: string, options: { final?: boolean; afterwards?: () => Promise<void> } = {}) {
    super(message);
    this.name = 'Denial';
    this.final = options.final ?? false;
    this.afterwards = options.afterwards;
  }
}

/** Changes of who is logged in, asked for by a stage's effect and made with the saving of the session. */
export type LoginChange = { readonly userId: number; readonly seconds: number } | null;

/** What an effect works with: the executor's transaction, in which the session is saved as well. */
export type EffectScope = {
  readonly tx: Transaction;
  /**
   * Runs the plan's commit steps, once; what they throw undoes everything. Call it before reading the prompt data: a
   * step may bring it up to date. Answers what to call when the user exists. `creates` false, for a user who existed
   * before: only the steps that want every write run now, the others when the flow completes.
   */
  commit(options?: { readonly creates: boolean }): Promise<(created: { userId: number }) => Promise<void>>;
  /** Logs a user in (seconds 0: until the browser closes), or with null out. The session's key changes. */
  login(change: LoginChange): void;
};

export type Effect = (scope: EffectScope) => Promise<void>;

/** What a stage answers to GET or POST. */
export type Outcome =
  | { readonly kind: 'challenge'; readonly body: JsonObject }
  | { readonly kind: 'invalid'; readonly body: JsonObject; readonly errors: ResponseErrors }
  | { readonly kind: 'pass'; readonly effect?: Effect };

/** Shows a challenge; `body` is what the contract lists for the component, without `component` and `flow_info`. */
export const challenge = (body: JsonObject = {}): Outcome => ({ kind: 'challenge', body });

/** The answer is refused; `body` is the challenge to show again. */
export const invalid = (body: JsonObject, errors: ResponseErrors): Outcome => ({ kind: 'invalid', body, errors });

/** The stage is passed. What it changes in the database happens in `effect`, in one transaction with the plan. */
export const pass = (effect?: Effect): Outcome => (effect ? { kind: 'pass', effect } : { kind: 'pass' });

/** One field error. */
export const fieldError = (string: string, code: string): readonly FieldError[] => [{ string, code }];

/** A row of settings, read by name and checked by type: what leaves the database is parsed at the stage's border. */
export class Settings {
  readonly #row: JsonObject;
  constructor(row: JsonObject) {
    this.#row = row;
  }
  text(name: string): string {
    const value = this.#row[name];
    if (typeof value !== 'string') throw new TypeError(`Setting ${name} is no text.`);
    return value;
  }
  optionalText(name: string): string | undefined {
    const value = this.#row[name];
    return value === null || value === undefined ? undefined : this.text(name);
  }
  flag(name: string): boolean {
    const value = this.#row[name];
    if (typeof value !== 'boolean') throw new TypeError(`Setting ${name} is no boolean.`);
    return value;
  }
  integer(name: string): number {
    const value = this.#row[name];
    if (typeof value !== 'number' || !Number.isInteger(value)) throw new TypeError(`Setting ${name} is no integer.`);
    return value;
  }
  texts(name: string): readonly string[] {
    return this.#list(name).filter((item) => typeof item === 'string');
  }
  /** The rows of a list of the definition's `lists`. */
  rows(name: string): readonly Settings[] {
    return this.#list(name).map((item) => {
      if (!isJsonObject(item)) throw new TypeError(`Setting ${name} has something that is no row.`);
      return new Settings(item);
    });
  }
  #list(name: string): readonly Json[] {
    const value = this.#row[name];
    if (!Array.isArray(value)) throw new TypeError(`Setting ${name} is no list.`);
    return value;
  }
}

/** What a stage works with in one request. */
export type StageRequest<S> = {
  readonly ctx: RequestContext;
  readonly settings: S;
  readonly stage: { readonly pk: string; readonly name: string };
  readonly flow: FlowRow;
  readonly plan: PlanDraft;
  readonly session: Session;
  /** The page's own query string (the executor's `query`). */
  readonly query: URLSearchParams;
};

export type StageDefinition<S> = {
  /** The value of `stage.type`, equal to the folder's name with underscores. */
  readonly type: string;
  /** The stage's own table, keyed by `stage_uuid`. */
  readonly table: string;
  /**
   * Further settings, read with the row: SQL over it as `t`, such as `(select coalesce(json_agg(…), '[]') … = t.stage_uuid)`.
   */
  readonly lists?: { readonly [name: string]: string };
  /** The challenge's `component`; undefined for a stage that never shows one. */
  readonly challengeComponent?: string;
  /** For the API's document; see `challengeShape` and `replyShape`. */
  readonly challengeShape?: Shape;
  readonly replyShape?: Shape;
  /** The form that the default renderer shows, for a stage without `ui/challenge.tsx`. */
  readonly form?: readonly FormField[];
  /** Parses the stage's row. */
  readonly settings: (row: Settings) => S;
  /** Query keys that identify a link, with their canonical form: another value starts the flow afresh (D17). */
  readonly linkKeys?: { readonly [key: string]: (value: string) => string };
  /** GET; for a stage without `submit` also POST. */
  challenge(request: StageRequest<S>): Promise<Outcome>;
  /** POST. `reply` is the parsed body; extra keys are ignored. */
  submit?(request: StageRequest<S>, reply: JsonObject): Promise<Outcome>;
};

/** A stage as the engine knows it: its settings' type is erased, rows are parsed at the border. */
export type AnyStage = {
  readonly type: string;
  readonly table: string;
  readonly lists: { readonly [name: string]: string };
  readonly challengeComponent: string | undefined;
  readonly challengeShape: Shape | undefined;
  readonly replyShape: Shape | undefined;
  readonly form: readonly FormField[];
  readonly linkKeys: { readonly [key: string]: (value: string) => string };
  run(request: StageRequest<JsonObject>, reply: JsonObject | undefined): Promise<Outcome>;
};

/** Defines a stage's behaviour; list it in `provides` with {@link stage}. */
export function defineStage<S>(definition: StageDefinition<S>): AnyStage {
  return {
    type: definition.type,
    table: definition.table,
    lists: definition.lists ?? {},
    challengeComponent: definition.challengeComponent,
    challengeShape: definition.challengeShape,
    replyShape: definition.replyShape,
    form: definition.form ?? [],
    linkKeys: definition.linkKeys ?? {},
    run(request, reply) {
      const typed = { ...request, settings: definition.settings(new Settings(request.settings)) };
      if (reply === undefined || !definition.submit) return definition.challenge(typed);
      return definition.submit(typed, reply);
    },
  };
}

export const stage = extensionPoint<AnyStage>('stage', (value) => value.type);

/** What a commit step works with. */
export type CommitRequest = {
  readonly ctx: RequestContext;
  readonly tx: Transaction;
  readonly flow: FlowRow;
  readonly plan: PlanDraft;
  readonly session: Session;
  readonly data: JsonObject;
  /** Whether a user is written in this transaction: then what the step answers is called. */
  readonly writes: boolean;
  /** Whether that user is a new one. */
  readonly createsUser: boolean;
};

/**
 * What must hold when a plan becomes real. `commit` checks and writes in the transaction that creates the user, or, in
 * a flow that creates none, when it completes; it throws a {@link Denial} to undo everything. What it answers is called
 * in the same transaction when a user was created.
 */
export type CommitStep = {
  readonly name: string;
  /** Runs when any user is written, not only when one is created. */
  readonly onEveryWrite?: boolean;
  commit(request: CommitRequest): Promise<void | ((created: { userId: number }) => Promise<void>)>;
};

export const commitStep = extensionPoint<CommitStep>('commit-step', (value) => value.name);
