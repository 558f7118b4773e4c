import { extensionPoint } from '../../kernel/feature.ts';
import type { StageRequest } from './stage.ts';

/** What a flow demands of the passwords that people choose in it, asked by a stage that takes one in a form of its own. */
export type PasswordRule = {
  readonly name: string;
  /** Out: why it is refused, in words for the person; empty when it is accepted. What cannot be asked refuses (A08). */
  refusals(request: StageRequest<unknown>, password: string): Promise<readonly string[]>;
};

export const passwordRule = extensionPoint<PasswordRule>('password-rule', (value) => value.name);

/** Why the features refuse a password that somebody chooses in the request's flow; empty: none does. */
export async function refusalsOfPassword(request: StageRequest<unknown>, password: string): Promise<string[]> {
  const refusals = request.ctx.registry.all(passwordRule).map((rule) => rule.refusals(request, password));
  return (await Promise.all(refusals)).flat();
}
