export { evaluatePolicies, judgeBindings, policyKind } from './evaluate.ts';
export type { PolicyKind, PolicyRequest, PolicyResult } from './evaluate.ts';
export { boundPolicies } from './store.ts';
export type { PolicyBindingRow } from './store.ts';
export { Policy, PolicyTarget } from './resources/policy.ts';
