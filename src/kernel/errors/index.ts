export { ValidationError } from './api-error.ts';
export type { Fault, Faults, FieldFaults } from './api-error.ts';
export * from './catalogue.ts';
