import { defineFeature } from '../../kernel/feature.ts';
import { resource, resourceFields } from '../../kernel/resource/resource.ts';
import { Role } from './resources/role.ts';
import { userRoles } from './user-fields.ts';

export default defineFeature({ name: 'roles', provides: [resource(Role), resourceFields(userRoles)] });
