export { brandFlow, brandOf } from './look.ts';
export type { BrandFace } from './look.ts';
