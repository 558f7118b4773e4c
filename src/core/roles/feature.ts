import { defineFeature } from '../../kernel/feature.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { Role } from './resources/role.ts';

export default defineFeature({ name: 'roles', provides: [resource(Role)] });
