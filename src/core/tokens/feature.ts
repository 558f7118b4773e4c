import { authentication } from '../../kernel/authz/authentication.ts';
import { command } from '../../kernel/cli/command.ts';
import { eventAction } from '../../kernel/events/action.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { task } from '../../kernel/tasks/task.ts';
import { authenticate } from './authenticate.ts';
import { serviceAccount } from './endpoints/service-account.ts';
import { setKey } from './endpoints/set-key.ts';
import { viewKey } from './endpoints/view-key.ts';
import { Token } from './resources/token.ts';
import { purgeTokens } from './tasks.ts';
import { createTokenCommand } from './cli.ts';

export default defineFeature({
  name: 'tokens',
  provides: [
    command(createTokenCommand),
    authentication(authenticate),
    resource(Token),
    endpoint(viewKey),
    endpoint(setKey),
    endpoint(serviceAccount),
    task(purgeTokens),
    eventAction({ app: 'vestibule.core.tokens', name: 'secret_view' }),
    eventAction({ app: 'vestibule.core.tokens', name: 'secret_rotate' }),
  ],
});
