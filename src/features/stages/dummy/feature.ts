import { stage } from '../../../core/flows/index.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { DummyStage } from './resources/dummy-stage.ts';
import { dummyStage } from './stage.ts';

export default defineFeature({ name: 'stages/dummy', provides: [resource(DummyStage), stage(dummyStage)] });
