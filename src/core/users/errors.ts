import { ApiError } from '../../kernel/errors/api-error.ts';

/** What users, groups and tokens refuse beyond the checks of fields. */
export const errors = {
  notPermitted: (): ApiError => new ApiError(403, { detail: 'You do not have permission to perform this action.' }),
  noCredentials: (): ApiError => new ApiError(403, { detail: 'Authentication credentials were not provided.' }),
};
