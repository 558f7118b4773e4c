/** What of a user a typed identifier may match (schema.yml, UserFieldsEnum). */
export const USER_FIELDS = ['email', 'username', 'upn'] as const;

export type UserField = (typeof USER_FIELDS)[number];
