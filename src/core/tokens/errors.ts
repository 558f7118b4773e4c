import { ApiError } from '../../kernel/errors/api-error.ts';

/** What tokens refuse, in the contract's words (part 1, 1.1 and 1.3). */
export const errors = {
  otherScheme: (): ApiError => new ApiError(403, { detail: 'Unsupported authentication type' }),
  badToken: (): ApiError => new ApiError(403, { detail: 'Token invalid/expired' }),
  notFound: (): ApiError => new ApiError(404, { detail: 'No Token matches the given query.' }),
  csrf: (reason: string): ApiError => new ApiError(403, { detail: `CSRF Failed: ${reason}` }),
  /** Kept with another secret key; the key still works where it is known only if that secret comes back. */
  unreadableKey: (): ApiError =>
    new ApiError(404, { detail: 'The key was kept with another secret key and cannot be shown; set a new one.' }),
};
