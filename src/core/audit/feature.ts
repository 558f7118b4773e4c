import { defineFeature } from '../../kernel/feature.ts';

export default defineFeature({ name: 'audit', provides: [] });
