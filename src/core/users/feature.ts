import { command } from '../../kernel/cli/command.ts';
import { eventAction } from '../../kernel/events/action.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { setPasswordCommand } from './cli.ts';
import { me } from './endpoints/me.ts';
import { paths } from './endpoints/paths.ts';
import { setPassword } from './endpoints/set-password.ts';
import { setPasswordHash } from './endpoints/set-password-hash.ts';
import { User } from './resources/user.ts';

export default defineFeature({
  name: 'users',
  provides: [
    resource(User),
    endpoint(me),
    endpoint(paths),
    endpoint(setPassword),
    endpoint(setPasswordHash),
    command(setPasswordCommand),
    eventAction({ app: 'vestibule.core.users', name: 'password_set' }),
    eventAction({ app: 'vestibule.cli', name: 'password_set' }),
  ],
});
