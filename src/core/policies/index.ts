export { evaluatePolicies, policyKind } from './evaluate.ts';
export type { PolicyKind, PolicyRequest, PolicyResult } from './evaluate.ts';
export { Policy } from './resources/policy.ts';
