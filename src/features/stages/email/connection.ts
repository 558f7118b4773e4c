import type { Route } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Connection } from './store.ts';

const PURPOSE = 'email-stage-password';

/** A password of a mail server as it is stored. */
export function sealPassword({ vault }: Pick<Context, 'vault'>, password: string): Buffer {
  return vault.seal(password, PURPOSE);
}

/** The stage's own server; undefined: the configured one. @throws Error when the password was sealed by another key */
export function routeOf({ vault, mail }: Pick<Context, 'vault' | 'mail'>, given: Connection): Route | undefined {
  if (given.useGlobal) return undefined;
  const { host, port, username, passwordSealed, useTls, useSsl, timeout, fromAddress } = given;
  const pass = passwordSealed ? vault.open(passwordSealed, PURPOSE)?.toString('utf8') : '';
  if (pass === undefined) throw new Error('The password of the mail server cannot be read with this secret key.');
  return {
    server: {
      host,
      port,
      secure: useSsl,
      auth: username === '' ? undefined : { user: username, pass },
      requireTls: useTls,
      verifies: true,
      name: undefined,
      timeout,
    },
    from: { name: '', address: fromAddress || mail.from.address },
  };
}
