import { openFields, passwordRule, stage } from '../../../core/flows/index.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { endpoint } from '../../../kernel/http/endpoint.ts';
import { resource, resourceFields } from '../../../kernel/resource/resource.ts';
import { preview } from './endpoints/preview.ts';
import { PromptStage, promptStages } from './resources/prompt-stage.ts';
import { Prompt } from './resources/prompt.ts';
import { promptPasswords } from './password-rule.ts';
import { promptStage } from './stage.ts';
import { listOpenKeys } from './store.ts';

export default defineFeature({
  name: 'stages/prompt',
  provides: [
    resource(Prompt),
    resource(PromptStage),
    resourceFields(promptStages),
    endpoint(preview),
    stage(promptStage),
    passwordRule(promptPasswords),
    openFields({ name: 'prompt', list: listOpenKeys }),
  ],
});
