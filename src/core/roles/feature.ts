import { objectGrants } from '../../kernel/authz/object-grants.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { grants } from './grants.ts';
import { Role } from './resources/role.ts';
import { synchronisePermissions } from './start.ts';

export default defineFeature({
  name: 'roles',
  provides: [resource(Role), objectGrants(grants), startStep(synchronisePermissions)],
});
