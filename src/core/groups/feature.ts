import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { resource, resourceFields } from '../../kernel/resource/resource.ts';
import { addUser } from './endpoints/add-user.ts';
import { removeUser } from './endpoints/remove-user.ts';
import { Group } from './resources/group.ts';
import { userGroups } from './user-fields.ts';

export default defineFeature({
  name: 'groups',
  provides: [resource(Group), resourceFields(userGroups), endpoint(addUser), endpoint(removeUser)],
});
