import { stage } from '../../../core/flows/index.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { DenyStage } from './resources/deny-stage.ts';
import { denyStage } from './stage.ts';

export default defineFeature({ name: 'stages/deny', provides: [resource(DenyStage), stage(denyStage)] });
